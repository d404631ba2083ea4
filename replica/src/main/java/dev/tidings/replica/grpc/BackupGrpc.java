package dev.tidings.replica.grpc;

import dev.tidings.causal.Progress;
import dev.tidings.replica.Backups;
import dev.tidings.replica.Replica;
import dev.tidings.replica.RestoreStream;
import dev.tidings.replica.link.ClusterMismatchException;
import dev.tidings.replica.link.PageWire;
import dev.tidings.replica.storage.Identity;
import dev.tidings.replica.storage.SnapshotPages;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.BackupHeader;
import dev.tidings.v1.BackupResponse;
import dev.tidings.v1.RestoreRequest;
import dev.tidings.v1.RestoreResponse;
import dev.tidings.v1.SnapshotPage;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The streams of backups, out and in. */
final class BackupGrpc {
  private final Replica replica;

  BackupGrpc(Replica replica) {
    this.replica = replica;
  }

  void backup(StreamObserver<BackupResponse> responses) {
    var call = (ServerCallStreamObserver<BackupResponse>) responses;
    Backups.Backup backup;
    try {
      backup = replica.backup(new Outgoing(replica.identity(), call));
    } catch (RuntimeException e) {
      call.onError(StatusMapper.toStatus(e));
      return;
    }
    call.setOnReadyHandler(backup::ready);
    call.setOnCancelHandler(backup::cancel);
  }

  StreamObserver<RestoreRequest> restore(StreamObserver<RestoreResponse> responses) {
    var call = (ServerCallStreamObserver<RestoreResponse>) responses;
    call.disableAutoRequest();
    call.setOnCancelHandler(() -> {});
    call.request(1);
    return new Incoming(call);
  }

  /** A backup on its way to a client. */
  private record Outgoing(Identity identity, ServerCallStreamObserver<BackupResponse> call)
      implements Backups.Sink {
    @Override
    public boolean isReady() {
      return call.isReady();
    }

    @Override
    public void begin(Instant takenAt) {
      call.onNext(
          BackupResponse.newBuilder()
              .setHeader(
                  BackupHeader.newBuilder()
                      .setFormatVersion(Wire.FORMAT_VERSION)
                      .setCluster(identity.cluster())
                      .setConsistency(Wire.toProto(identity.consistency()))
                      .setOrigin(Wire.toProto(identity.origin()))
                      .setTakenAtMicros(ChronoUnit.MICROS.between(Instant.EPOCH, takenAt)))
              .build());
    }

    @Override
    public void page(SnapshotPages.@Nullable Head head, List<SnapshotPages.Entry> entries) {
      call.onNext(BackupResponse.newBuilder().setPage(PageWire.toProto(head, entries)).build());
    }

    @Override
    public void end() {
      call.onCompleted();
    }

    @Override
    public void refuse(RuntimeException reason) {
      call.onError(StatusMapper.toStatus(reason));
    }
  }

  /**
   * A backup on its way here. Its messages come one at a time, each when the one before it is dealt
   * with. All answers are given on the loop, and none after the end.
   */
  private final class Incoming implements StreamObserver<RestoreRequest>, RestoreStream {
    private final ServerCallStreamObserver<RestoreResponse> call;
    private boolean begun;
    private volatile boolean complete;
    private volatile boolean ended;

    Incoming(ServerCallStreamObserver<RestoreResponse> call) {
      this.call = call;
    }

    @Override
    public void onNext(RestoreRequest request) {
      if (ended) {
        return;
      }
      try {
        switch (request.getKindCase()) {
          case HEADER -> onHeader(request.getHeader());
          case PAGE -> onPage(request.getPage());
          case KIND_NOT_SET -> throw new InvalidRequestException("a header or a page is missing");
        }
      } catch (RuntimeException e) {
        giveUp(e);
      }
    }

    private void onHeader(BackupHeader header) {
      if (begun) {
        throw new InvalidRequestException("only the first message is a header");
      }
      begun = true;
      check(header);
      replica.restore(this);
    }

    private void check(BackupHeader header) {
      Identity here = replica.identity();
      if (header.getFormatVersion() != Wire.FORMAT_VERSION) {
        throw new ClusterMismatchException(
            "the backup has format %s; this replica reads format %d"
                .formatted(
                    Integer.toUnsignedString(header.getFormatVersion()), Wire.FORMAT_VERSION));
      }
      if (!header.getCluster().equals(here.cluster())) {
        throw new ClusterMismatchException(
            "the backup is of cluster \"%s\", and this replica belongs to \"%s\""
                .formatted(header.getCluster(), here.cluster()));
      }
      if (Wire.fromProto(header.getConsistency()) != here.consistency()) {
        throw new ClusterMismatchException(
            "the backup is of a cluster with %s consistency, and this one's is %s"
                .formatted(Wire.fromProto(header.getConsistency()), here.consistency()));
      }
    }

    private void onPage(SnapshotPage page) {
      if (!begun) {
        throw new InvalidRequestException("the first message is a header");
      }
      complete = page.getLast();
      replica.restorePage(
          page.hasHead() ? PageWire.fromProto(page.getHead()) : null,
          page.getEntriesList().stream().map(PageWire::fromProto).toList(),
          page.getLast(),
          this);
    }

    @Override
    public void ready() {
      call.request(1);
    }

    @Override
    public void succeed(Progress progress) {
      if (!ended) {
        ended = true;
        call.onNext(
            RestoreResponse.newBuilder()
                .setLamportTime(progress.lamportTime())
                .setFrontier(Wire.toProto(progress.frontier()))
                .build());
        call.onCompleted();
      }
    }

    @Override
    public void refuse(RuntimeException reason) {
      if (!ended) {
        ended = true;
        call.onError(StatusMapper.toStatus(reason));
      }
    }

    private void giveUp(RuntimeException reason) {
      // The loop is the only one that answers.
      replica.restoreEnded(this);
      replica.afterwards(() -> refuse(reason));
    }

    @Override
    public void onError(Throwable failure) {
      ended = true;
      replica.restoreEnded(this);
    }

    @Override
    public void onCompleted() {
      if (!complete && !ended) {
        giveUp(new InvalidRequestException("the backup ends before its last page"));
      }
    }
  }
}
