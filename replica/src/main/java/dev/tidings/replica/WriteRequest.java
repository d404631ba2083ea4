package dev.tidings.replica;

import dev.tidings.causal.Mutation;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.Session;
import java.util.List;
import java.util.Optional;

/** What a client wants to write; checked against the limits. */
public record WriteRequest(
    Session session, Optional<RequestId> requestId, List<Mutation> mutations) {
  public WriteRequest {
    mutations = List.copyOf(mutations);
  }
}
