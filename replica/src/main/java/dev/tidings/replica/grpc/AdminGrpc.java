package dev.tidings.replica.grpc;

import dev.tidings.replica.HostPort;
import dev.tidings.replica.MemberStatus;
import dev.tidings.replica.Replica;
import dev.tidings.replica.ReplicaStatus;
import dev.tidings.replica.link.LinkSettings;
import dev.tidings.replica.link.Links;
import dev.tidings.replica.link.PeerStatus;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.server.LogLevels;
import dev.tidings.v1.AddMemberRequest;
import dev.tidings.v1.AddMemberResponse;
import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.BackupRequest;
import dev.tidings.v1.BackupResponse;
import dev.tidings.v1.GetStatusRequest;
import dev.tidings.v1.GetStatusResponse;
import dev.tidings.v1.ListMembersRequest;
import dev.tidings.v1.ListMembersResponse;
import dev.tidings.v1.LogStatus;
import dev.tidings.v1.RemoveMemberRequest;
import dev.tidings.v1.RemoveMemberResponse;
import dev.tidings.v1.RestoreRequest;
import dev.tidings.v1.RestoreResponse;
import dev.tidings.v1.SetLinkRequest;
import dev.tidings.v1.SetLinkResponse;
import dev.tidings.v1.SetLogLevelRequest;
import dev.tidings.v1.SetLogLevelResponse;
import dev.tidings.v1.SimulatedLink;
import dev.tidings.v1.StalledWrite;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What people who run replicas ask. */
public final class AdminGrpc extends AdminServiceGrpc.AdminServiceImplBase {
  private final Replica replica;
  private final Links links;
  private final BackupGrpc backups;

  public AdminGrpc(Replica replica, Links links) {
    this.replica = replica;
    this.links = links;
    this.backups = new BackupGrpc(replica);
  }

  @Override
  public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> responses) {
    var call = new Call<ReplicaStatus, GetStatusResponse>(responses, this::toProto);
    call.run(() -> replica.status(call));
  }

  @Override
  public void listMembers(
      ListMembersRequest request, StreamObserver<ListMembersResponse> responses) {
    var call =
        new Call<List<MemberStatus>, ListMembersResponse>(
            responses,
            members -> ListMembersResponse.newBuilder().addAllMembers(toProto(members)).build());
    call.run(() -> replica.members(call));
  }

  @Override
  public void addMember(AddMemberRequest request, StreamObserver<AddMemberResponse> responses) {
    var call =
        new Call<List<MemberStatus>, AddMemberResponse>(
            responses,
            members -> AddMemberResponse.newBuilder().addAllMembers(toProto(members)).build());
    call.run(
        () -> {
          if (request.getReplicaId() < 1) {
            throw new InvalidRequestException(
                "a replica's id is 1 or more, not "
                    + Integer.toUnsignedString(request.getReplicaId()));
          }
          if (request.getPeerAddress().length() > Wire.MAX_ADDRESS) {
            throw new InvalidRequestException(
                "a peer address has at most %d characters".formatted(Wire.MAX_ADDRESS));
          }
          try {
            HostPort.parse(request.getPeerAddress());
          } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(String.valueOf(e.getMessage()));
          }
          replica.join(request.getReplicaId(), request.getPeerAddress(), call);
        });
  }

  @Override
  public void removeMember(
      RemoveMemberRequest request, StreamObserver<RemoveMemberResponse> responses) {
    var call =
        new Call<List<MemberStatus>, RemoveMemberResponse>(
            responses,
            members -> RemoveMemberResponse.newBuilder().addAllMembers(toProto(members)).build());
    call.run(() -> replica.remove(request.getReplicaId(), call));
  }

  private static List<dev.tidings.v1.MemberStatus> toProto(List<MemberStatus> members) {
    var messages = new ArrayList<dev.tidings.v1.MemberStatus>();
    for (MemberStatus member : members) {
      var message =
          dev.tidings.v1.MemberStatus.newBuilder()
              .setReplicaId(member.replicaId())
              .setRemoved(member.removed())
              .setPeerAddress(member.peerAddress());
      member.origin().ifPresent(origin -> message.setOrigin(Wire.toProto(origin)));
      messages.add(message.build());
    }
    return messages;
  }

  @Override
  public void backup(BackupRequest request, StreamObserver<BackupResponse> responses) {
    backups.backup(responses);
  }

  @Override
  public StreamObserver<RestoreRequest> restore(StreamObserver<RestoreResponse> responses) {
    return backups.restore(responses);
  }

  @Override
  public void setLink(SetLinkRequest request, StreamObserver<SetLinkResponse> responses) {
    var call = new Call<SetLinkResponse, SetLinkResponse>(responses, response -> response);
    call.run(
        () -> {
          if (!request.hasLink()) {
            throw new InvalidRequestException("the link is missing");
          }
          links.set(request.getToReplicaId(), fromProto(request.getLink()));
          call.succeed(SetLinkResponse.getDefaultInstance());
        });
  }

  @Override
  public void setLogLevel(
      SetLogLevelRequest request, StreamObserver<SetLogLevelResponse> responses) {
    var call = new Call<SetLogLevelResponse, SetLogLevelResponse>(responses, response -> response);
    call.run(
        () -> {
          try {
            call.succeed(LogLevels.set(request));
          } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(String.valueOf(e.getMessage()));
          }
        });
  }

  private static LogStatus toProto(ReplicaStatus.Log log) {
    return LogStatus.newBuilder()
        .setOrigin(Wire.toProto(log.origin()))
        .setHeld(log.held())
        .setVisible(log.visible())
        .setLagWrites(log.lagWrites())
        .setLagMillis(log.lagMicros() / 1_000)
        .build();
  }

  private static LinkSettings fromProto(SimulatedLink link) {
    try {
      return new LinkSettings(Duration.ofMillis(link.getDelayMillis()), link.getCut());
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(String.valueOf(e.getMessage()));
    }
  }

  private GetStatusResponse toProto(ReplicaStatus status) {
    var message =
        GetStatusResponse.newBuilder()
            .setCluster(replica.identity().cluster())
            .setOrigin(Wire.toProto(replica.identity().origin()))
            .setConsistency(Wire.toProto(replica.identity().consistency()))
            .setLamportTime(status.progress().lamportTime())
            .setFrontier(Wire.toProto(status.progress().frontier()))
            .setHeld(Wire.toProto(status.progress().held()))
            .setStalledNow(status.progress().stalled())
            .setStalledEver(status.stalledTotal())
            .setServing(status.notServing().isEmpty())
            .setNotServingReason(status.notServing());
    for (ReplicaStatus.Stalled stalled : status.stalled()) {
      message.addStalled(
          StalledWrite.newBuilder()
              .setPosition(Wire.toProto(stalled.position()))
              .setVersion(Wire.toProto(stalled.version()))
              .setMissing(Wire.toProto(stalled.missing())));
    }
    for (PeerStatus peer : links.status()) {
      var told = message.addPeersBuilder();
      status.logs().getOrDefault(peer.replicaId(), List.of()).stream()
          .map(AdminGrpc::toProto)
          .forEach(told::addLogs);
      told.setReplicaId(peer.replicaId())
          .setPeerAddress(peer.peerAddress())
          .setClientAddress(peer.clientAddress())
          .setConnected(peer.connected())
          .setAcknowledged(peer.acknowledged())
          .getLinkBuilder()
          .setDelayMillis(peer.settings().delay().toMillis())
          .setCut(peer.settings().cut());
    }
    return message.build();
  }
}
