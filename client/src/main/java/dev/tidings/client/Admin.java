package dev.tidings.client;

import dev.tidings.v1.AddMemberRequest;
import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.BackupHeader;
import dev.tidings.v1.BackupRequest;
import dev.tidings.v1.BackupResponse;
import dev.tidings.v1.GetStatusRequest;
import dev.tidings.v1.ListMembersRequest;
import dev.tidings.v1.RemoveMemberRequest;
import dev.tidings.v1.RestoreRequest;
import dev.tidings.v1.SetLinkRequest;
import dev.tidings.v1.SetLogLevelRequest;
import dev.tidings.v1.SnapshotPage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

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

  /**
   * Writes all that is visible at the replica at one moment into a file, which has its name only
   * once it is complete and durable. Everything else goes on meanwhile.
   *
   * @param progress told how many bytes of values have come, now and then
   * @throws IOException if the file cannot be written
   */
  public void backup(Path file, LongConsumer progress) throws IOException {
    try (var backup = new Incoming(file, progress)) {
      calls.download(
          AdminServiceGrpc.getBackupMethod(), BackupRequest.getDefaultInstance(), backup::take);
      backup.complete();
    }
  }

  /** A backup on its way into its file. */
  private static final class Incoming implements AutoCloseable {
    private final Path file;
    private final LongConsumer progress;
    private @Nullable BackupWriter writer;
    private long bytes;
    private boolean last;

    Incoming(Path file, LongConsumer progress) {
      this.file = file;
      this.progress = progress;
    }

    void take(BackupResponse message) throws IOException {
      if (message.hasHeader() && writer == null) {
        writer = new BackupWriter(file, message.getHeader());
      } else if (message.hasPage() && writer != null && !last) {
        writer.add(message.getPage());
        last = message.getPage().getLast();
        bytes += message.getSerializedSize();
        progress.accept(bytes);
      } else {
        throw new IOException("the replica sends what is no backup");
      }
    }

    void complete() throws IOException {
      if (writer == null || !last) {
        throw new IOException("the replica sent a part of the backup only");
      }
      writer.complete();
    }

    @Override
    public void close() throws IOException {
      if (writer != null) {
        writer.close();
      }
    }
  }

  /**
   * Takes a backup into a replica of a new cluster, whose others get it from there.
   *
   * @param progress told how many bytes of the file have been sent, now and then
   * @return the replica's Lamport time then, ticks
   * @throws BadBackupException if the file has changed since it was checked
   * @throws IOException if the file cannot be read
   */
  public long restore(BackupFile backup, LongConsumer progress) throws IOException {
    try (var reader = new BackupReader(backup.file())) {
      var header = new AtomicReference<@Nullable BackupHeader>(reader.header());
      return calls
          .upload(
              AdminServiceGrpc.getRestoreMethod(),
              () -> {
                BackupHeader first = header.getAndSet(null);
                if (first != null) {
                  return RestoreRequest.newBuilder().setHeader(first).build();
                }
                SnapshotPage page = reader.next();
                progress.accept(reader.position());
                return page == null ? null : RestoreRequest.newBuilder().setPage(page).build();
              })
          .getLamportTime();
    }
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
