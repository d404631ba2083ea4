package dev.tidings.replica.storage;

import dev.tidings.causal.Progress;
import dev.tidings.replica.storage.KeyValueStore.Reads;
import dev.tidings.replica.storage.KeyValueStore.Table;
import java.nio.ByteBuffer;

/**
 * How far the data are at one moment, and what must be known to read them.
 *
 * @param edition which edition of the data is read
 * @param hasForgottenDeletes whether deletes are missing in the data
 */
record Extent(Progress progress, int edition, boolean hasForgottenDeletes) {
  static Extent of(Reads reads) {
    byte[] progress = reads.get(Table.META, ReplicaStore.PROGRESS);
    byte[] edition = reads.get(Table.META, ReplicaStore.EDITION);
    return new Extent(
        progress == null ? Progress.NONE : Records.progress(progress),
        edition == null ? 1 : ByteBuffer.wrap(edition).getInt(),
        reads.get(Table.META, ReplicaStore.FORGOT) != null);
  }
}
