package dev.tidings.replica.link;

import dev.tidings.replica.storage.KeyValueStore.Table;
import dev.tidings.replica.storage.SnapshotPages;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.SnapshotEntry;
import dev.tidings.v1.SnapshotHead;
import dev.tidings.v1.SnapshotPage;
import dev.tidings.v1.SnapshotTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Maps a snapshot's parts to messages and back, as {@link Wire} does for the rest. */
public final class PageWire {
  private PageWire() {}

  private static SnapshotHead toProto(SnapshotPages.Head head) {
    var message =
        SnapshotHead.newBuilder()
            .setLamportTime(head.lamportTime())
            .setFrontier(Wire.toProto(head.frontier()))
            .setHasForgottenDeletes(head.hasForgottenDeletes());
    head.members().forEach(member -> message.addMembers(Wire.toProto(member)));
    return message.build();
  }

  public static SnapshotPages.Head fromProto(SnapshotHead head) {
    return new SnapshotPages.Head(
        head.getLamportTime(),
        Wire.fromProto(head.getFrontier()),
        head.getMembersList().stream().map(Wire::fromProto).toList(),
        head.getHasForgottenDeletes());
  }

  private static SnapshotEntry toProto(SnapshotPages.Entry entry) {
    return SnapshotEntry.newBuilder()
        .setTable(toProto(entry.table()))
        .setKey(Wire.toProto(entry.key()))
        .setValue(Wire.toProto(entry.value()))
        .build();
  }

  /** A page without entries is the last. */
  public static SnapshotPage toProto(
      SnapshotPages.@Nullable Head head, List<SnapshotPages.Entry> entries) {
    var page = SnapshotPage.newBuilder().setLast(entries.isEmpty());
    if (head != null) {
      page.setHead(toProto(head));
    }
    entries.forEach(entry -> page.addEntries(toProto(entry)));
    return page.build();
  }

  public static SnapshotPages.Entry fromProto(SnapshotEntry entry) {
    return new SnapshotPages.Entry(
        fromProto(entry.getTable()),
        Wire.fromProto(entry.getKey()),
        Wire.fromProto(entry.getValue()));
  }

  private static SnapshotTable toProto(Table table) {
    return switch (table) {
      case REGISTERS -> SnapshotTable.SNAPSHOT_TABLE_REGISTERS;
      case PARTS -> SnapshotTable.SNAPSHOT_TABLE_PARTS;
      case FEEDS -> SnapshotTable.SNAPSHOT_TABLE_FEEDS;
      case REQUESTS -> SnapshotTable.SNAPSHOT_TABLE_REQUESTS;
      case TOMBSTONES -> SnapshotTable.SNAPSHOT_TABLE_TOMBSTONES;
      case META, LOG -> throw new AssertionError(table);
    };
  }

  private static Table fromProto(SnapshotTable table) {
    return switch (table) {
      case SNAPSHOT_TABLE_REGISTERS -> Table.REGISTERS;
      case SNAPSHOT_TABLE_FEEDS -> Table.FEEDS;
      case SNAPSHOT_TABLE_PARTS -> Table.PARTS;
      case SNAPSHOT_TABLE_REQUESTS -> Table.REQUESTS;
      case SNAPSHOT_TABLE_TOMBSTONES -> Table.TOMBSTONES;
      case SNAPSHOT_TABLE_UNSPECIFIED, UNRECOGNIZED ->
          throw new InvalidRequestException("a snapshot's entry is of no table that is known here");
    };
  }
}
