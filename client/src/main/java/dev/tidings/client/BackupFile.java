package dev.tidings.client;

import dev.tidings.clock.Origin;
import dev.tidings.clock.PositionSet;
import dev.tidings.v1.BackupHeader;
import dev.tidings.v1.SnapshotPage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.LongConsumer;

/**
 * A backup of which every byte has been checked.
 *
 * @param bytes its size
 * @param origin the replica that was asked
 * @param takenAt its moment, by that replica's wall clock
 * @param lamportTime that replica's then, ticks
 * @param frontier all that the backup comes from
 * @param entries how many values, feed entries, deletes and requests there are
 */
public record BackupFile(
    Path file,
    long bytes,
    String cluster,
    Origin origin,
    Instant takenAt,
    long lamportTime,
    PositionSet frontier,
    long entries) {
  /**
   * Reads it all.
   *
   * @param progress told how many bytes have been read, now and then
   * @throws BadBackupException if it is no backup, not complete, damaged, or of another format
   * @throws IOException if it cannot be read
   */
  public static BackupFile check(Path file, LongConsumer progress) throws IOException {
    try (var reader = new BackupReader(file)) {
      SnapshotPage first = null;
      long entries = 0;
      SnapshotPage page;
      while ((page = reader.next()) != null) {
        if (first == null) {
          first = page;
        }
        entries += page.getEntriesCount();
        progress.accept(reader.position());
      }
      if (first == null || !first.hasHead()) {
        throw new BadBackupException(file + " is damaged: its first page lacks a head");
      }
      BackupHeader header = reader.header();
      try {
        return new BackupFile(
            file,
            reader.size(),
            header.getCluster(),
            WireMapper.origin(header.getOrigin()),
            Instant.EPOCH.plus(header.getTakenAtMicros(), ChronoUnit.MICROS),
            first.getHead().getLamportTime(),
            WireMapper.positionSet(first.getHead().getFrontier()),
            entries);
      } catch (IllegalArgumentException e) {
        throw new BadBackupException(file + " is damaged: " + e.getMessage());
      }
    }
  }
}
