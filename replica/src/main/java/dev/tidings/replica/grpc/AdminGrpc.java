package dev.tidings.replica.grpc;

import dev.tidings.replica.Replica;
import dev.tidings.replica.ReplicaStatus;
import dev.tidings.replica.link.LinkSettings;
import dev.tidings.replica.link.Links;
import dev.tidings.replica.link.PeerStatus;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.server.LogLevels;
import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.GetStatusRequest;
import dev.tidings.v1.GetStatusResponse;
import dev.tidings.v1.SetLinkRequest;
import dev.tidings.v1.SetLinkResponse;
import dev.tidings.v1.SetLogLevelRequest;
import dev.tidings.v1.SetLogLevelResponse;
import dev.tidings.v1.SimulatedLink;
import dev.tidings.v1.StalledWrite;
import io.grpc.stub.StreamObserver;
import java.time.Duration;

/** What people who run replicas ask. */
public final class AdminGrpc extends AdminServiceGrpc.AdminServiceImplBase {
  private final Replica replica;
  private final Links links;

  public AdminGrpc(Replica replica, Links links) {
    this.replica = replica;
    this.links = links;
  }

  @Override
  public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> responses) {
    var call = new Call<ReplicaStatus, GetStatusResponse>(responses, this::toProto);
    call.run(() -> replica.status(call));
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
            .setStalledNow(status.stalledCount())
            .setStalledEver(status.stalledTotal());
    for (ReplicaStatus.Stalled stalled : status.stalled()) {
      message.addStalled(
          StalledWrite.newBuilder()
              .setPosition(Wire.toProto(stalled.position()))
              .setVersion(Wire.toProto(stalled.version()))
              .setMissing(Wire.toProto(stalled.missing())));
    }
    for (PeerStatus peer : links.status()) {
      message
          .addPeersBuilder()
          .setReplicaId(peer.replicaId())
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
