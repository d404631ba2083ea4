package dev.tidings.client;

import dev.tidings.v1.AddMemberRequest;
import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.GetStatusRequest;
import dev.tidings.v1.ListMembersRequest;
import dev.tidings.v1.RemoveMemberRequest;
import dev.tidings.v1.SetLinkRequest;
import dev.tidings.v1.SetLogLevelRequest;
import java.util.List;

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

  /** Who belongs to the cluster, and who did, as the replica sees it; ascending by id. */
  public List<Member> members() {
    return WireMapper.members(
        calls
            .ask(AdminServiceGrpc.getListMembersMethod(), ListMembersRequest.getDefaultInstance())
            .getMembersList());
  }

  /**
   * Takes a replica into the cluster, or tells where a member is reached from now on; the others
   * know it when they have this replica's log.
   *
   * @param peerAddress HOST:PORT of its peer port
   * @return the members then
   */
  public List<Member> join(int replicaId, String peerAddress) {
    return WireMapper.members(
        calls
            .ask(
                AdminServiceGrpc.getAddMemberMethod(),
                AddMemberRequest.newBuilder()
                    .setReplicaId(replicaId)
                    .setPeerAddress(peerAddress)
                    .build())
            .getMembersList());
  }

  /**
   * Takes a replica out of the cluster; not the one that is asked.
   *
   * @return the members then
   */
  public List<Member> remove(int replicaId) {
    return WireMapper.members(
        calls
            .ask(
                AdminServiceGrpc.getRemoveMemberMethod(),
                RemoveMemberRequest.newBuilder().setReplicaId(replicaId).build())
            .getMembersList());
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
