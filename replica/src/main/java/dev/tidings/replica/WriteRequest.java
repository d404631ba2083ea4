package dev.tidings.replica;

import dev.tidings.causal.Mutation;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.Session;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a client wants to write; checked against the limits.
 *
 * @param conditions all of which have to hold here
 * @param acks on how many replicas it is to be durable before it is answered, 1 or more
 * @param acksWait how long to wait for that
 */
public record WriteRequest(
    Session session,
    Optional<RequestId> requestId,
    List<Condition> conditions,
    List<Mutation> mutations,
    int acks,
    Duration acksWait) {
  public WriteRequest {
    conditions = List.copyOf(conditions);
    mutations = List.copyOf(mutations);
  }
}
