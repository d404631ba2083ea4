package dev.tidings.client;

import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.GetStatusRequest;
import dev.tidings.v1.SetLinkRequest;
import dev.tidings.v1.SetLogLevelRequest;

/**
 * What people who run a replica ask it. Blocks; nothing is asked twice, so that a replica that is
 * down is said to be down. Safe for any number of threads.
 */
public final class Admin {
  private final Calls calls;

  Admin(Calls calls) {
    this.calls = calls;
  }

  /** How the replica stands. */
  public ReplicaStatus status() {
    return WireMapper.status(
        calls.ask(AdminServiceGrpc.getGetStatusMethod(), GetStatusRequest.getDefaultInstance()));
  }

  /** Changes the simulated link from this replica to another, at once. */
  public void setLink(int toReplicaId, ReplicaStatus.Link link) {
    calls.ask(
        AdminServiceGrpc.getSetLinkMethod(),
        SetLinkRequest.newBuilder()
            .setToReplicaId(toReplicaId)
            .setLink(WireMapper.toProto(link))
            .build());
  }

  /**
   * Changes what a server logs, until it stops.
   *
   * @param logger a package or class, and what is below it; empty for all that have no level of
   *     their own
   * @return the level that it had
   */
  public LogLevel setLogLevel(String logger, LogLevel level) {
    return WireMapper.fromProto(
        calls
            .ask(
                AdminServiceGrpc.getSetLogLevelMethod(),
                SetLogLevelRequest.newBuilder()
                    .setLogger(logger)
                    .setLevel(WireMapper.toProto(level))
                    .build())
            .getPrevious());
  }
}
