package dev.tidings.replica;

import dev.tidings.replica.storage.DiskFullException;
import dev.tidings.replica.storage.ReplicaStore;
import dev.tidings.replica.storage.SnapshotPages;
import dev.tidings.replica.storage.Staging;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot on its way here; nobody reads it until it is whole. Confined to the replica's loop.
 */
final class SnapshotIntake {
  private final PeerStream from;
  private final ReplicaStore store;
  private SnapshotPages.@Nullable Head head;
  private @Nullable Staging staged;

  SnapshotIntake(PeerStream from, ReplicaStore store) {
    this.from = from;
    this.store = store;
  }

  PeerStream from() {
    return from;
  }

  boolean isFrom(PeerStream stream) {
    return from == stream;
  }

  boolean hasBegun() {
    return head != null;
  }

  /**
   * Takes a page; one with a head begins anew.
   *
   * @throws DiskFullException if there is no space
   */
  void take(SnapshotPages.@Nullable Head begins, List<SnapshotPages.Entry> entries) {
    if (begins != null) {
      head = begins;
      staged = store.stage();
    }
    staged().add(entries);
  }

  SnapshotPages.Head head() {
    return Objects.requireNonNull(head);
  }

  Staging staged() {
    return Objects.requireNonNull(staged);
  }
}
