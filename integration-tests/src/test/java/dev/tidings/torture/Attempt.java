package dev.tidings.torture;

import dev.tidings.client.Mutation;
import dev.tidings.client.WriteInfo;
import dev.tidings.history.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A write that was tried.
 *
 * @param id of this write alone; what it appended to its ledger
 * @param ledger the feed that it appended to, by number
 * @param acks how many replicas were to hold it
 * @param durableOn how many were said to; 0 if nobody answered
 * @param write null if nobody answered
 * @param mutations all of it
 * @param startMicros since 1970, when it was asked
 */
record Attempt(
    String id,
    int ledger,
    Outcome outcome,
    int acks,
    int durableOn,
    @Nullable WriteInfo write,
    List<Mutation> mutations,
    long startMicros) {
  Attempt {
    mutations = List.copyOf(mutations);
  }
}
