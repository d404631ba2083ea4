package dev.tidings.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tidings.clock.PositionSet;
import dev.tidings.v1.BackupHeader;
import dev.tidings.v1.Consistency;
import dev.tidings.v1.Origin;
import dev.tidings.v1.SnapshotEntry;
import dev.tidings.v1.SnapshotHead;
import dev.tidings.v1.SnapshotPage;
import dev.tidings.v1.SnapshotTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BackupFileTest {
  private static final Origin ORIGIN =
      Origin.newBuilder().setReplicaId(2).setIncarnation(77).build();
  private static final BackupHeader HEADER =
      BackupHeader.newBuilder()
          .setFormatVersion(2)
          .setCluster("rings")
          .setConsistency(Consistency.CONSISTENCY_CAUSAL)
          .setOrigin(ORIGIN)
          .setTakenAtMicros(1_000_000)
          .build();

  @TempDir private Path directory = Path.of("set by JUnit");

  private static List<SnapshotPage> pages(Random chance) {
    var pages = new ArrayList<SnapshotPage>();
    for (int i = 0; i < 5; i++) {
      var page = SnapshotPage.newBuilder();
      if (i == 0) {
        page.setHead(
            SnapshotHead.newBuilder()
                .setLamportTime(41)
                .setFrontier(
                    dev.tidings.v1.PositionSet.newBuilder()
                        .setRanges(
                            ByteString.copyFrom(
                                PositionSet.ofRange(WireMapper.origin(ORIGIN), 1, 9).toBytes()))));
      }
      for (int j = 0; j < 3; j++) {
        var value = new byte[chance.nextInt(40)];
        chance.nextBytes(value);
        page.addEntries(
            SnapshotEntry.newBuilder()
                .setTable(SnapshotTable.SNAPSHOT_TABLE_REGISTERS)
                .setKey(ByteString.copyFromUtf8("key " + i + " " + j))
                .setValue(ByteString.copyFrom(value)));
      }
      pages.add(page.build());
    }
    pages.add(SnapshotPage.newBuilder().setLast(true).build());
    return pages;
  }

  private Path written(String name) throws IOException {
    Path file = directory.resolve(name);
    try (var writer = new BackupWriter(file, HEADER)) {
      for (SnapshotPage page : pages(new Random(1))) {
        writer.add(page);
      }
      writer.complete();
    }
    return file;
  }

  private static String complaint(Path file) {
    return String.valueOf(
        assertThrows(BadBackupException.class, () -> BackupFile.check(file, bytes -> {}))
            .getMessage());
  }

  @Test
  void what_was_written_is_read() throws IOException {
    Path file = written("backup");
    var told = new ArrayList<Long>();
    BackupFile backup = BackupFile.check(file, told::add);
    var origin = new dev.tidings.clock.Origin(2, 77);
    assertEquals(
        new BackupFile(
            file,
            Files.size(file),
            "rings",
            origin,
            Instant.ofEpochSecond(1),
            41,
            PositionSet.ofRange(origin, 1, 9),
            15),
        backup);
    assertEquals(6, told.size());
    assertEquals(Files.size(file), told.get(5));
    try (var reader = new BackupReader(file)) {
      assertEquals(HEADER, reader.header());
      var read = new ArrayList<SnapshotPage>();
      SnapshotPage page;
      while ((page = reader.next()) != null) {
        read.add(page);
      }
      assertEquals(pages(new Random(1)), read);
    }
  }

  @Test
  void the_file_has_its_name_only_when_it_is_complete() throws IOException {
    Path file = directory.resolve("backup");
    Files.writeString(file, "the one before");
    try (var writer = new BackupWriter(file, HEADER)) {
      writer.add(pages(new Random(1)).get(0));
      assertEquals("the one before", Files.readString(file));
      assertTrue(Files.exists(directory.resolve("backup.part")));
    }
    assertEquals("the one before", Files.readString(file));
    assertFalse(Files.exists(directory.resolve("backup.part")));
    assertArrayEquals(
        Files.readAllBytes(written("another")), Files.readAllBytes(written("backup")));
    assertFalse(Files.exists(directory.resolve("backup.part")));
  }

  @Test
  void a_file_that_is_cut_off_anywhere_is_told_from_a_whole_one() throws IOException {
    byte[] whole = Files.readAllBytes(written("whole"));
    Path cut = directory.resolve("cut");
    for (int length = 0; length < whole.length; length++) {
      Files.write(cut, Arrays.copyOf(whole, length));
      String told = complaint(cut);
      String expected =
          length == 0
              ? cut + " is empty"
              : length < BackupReader.MAGIC.length()
                  ? cut + " is no backup that bin/client has made"
                  : "%s is not complete: it ends after %d bytes, before its last page"
                      .formatted(cut, length);
      assertEquals(expected, told);
    }
  }

  @Test
  void a_bit_that_is_wrong_anywhere_is_noticed_before_the_last_page_is_given_out()
      throws IOException {
    byte[] whole = Files.readAllBytes(written("whole"));
    Path damaged = directory.resolve("damaged");
    for (int at = 0; at < whole.length; at++) {
      byte[] bytes = whole.clone();
      bytes[at] ^= (byte) (1 << (at % 8));
      Files.write(damaged, bytes);
      String told = complaint(damaged);
      assertTrue(told.startsWith(damaged + " is ") && !told.contains("\n"), told);
      var last = new boolean[1];
      assertThrows(
          BadBackupException.class,
          () -> {
            try (var reader = new BackupReader(damaged)) {
              SnapshotPage page;
              while ((page = reader.next()) != null) {
                last[0] |= page.getLast();
              }
            }
          });
      assertFalse(last[0], "byte " + at);
    }
  }

  @Test
  void what_follows_the_end_is_noticed() throws IOException {
    Path file = written("long");
    Files.write(file, new byte[] {1}, java.nio.file.StandardOpenOption.APPEND);
    assertEquals(file + " is damaged: there is more after its end", complaint(file));
  }

  @Test
  void a_file_of_another_kind_or_format_is_told_as_such() throws IOException {
    Path file = directory.resolve("other");
    Files.writeString(file, "tidings-backup 2\nwhatever");
    assertEquals(file + " is a backup of format 2; this client reads format 1", complaint(file));
    Files.writeString(file, "{\"a\": 1, \"b\": 2}");
    assertEquals(file + " is no backup that bin/client has made", complaint(file));
    Files.write(file, "tidings-backup one\n".getBytes(StandardCharsets.US_ASCII));
    assertEquals(file + " is damaged: its first line is wrong", complaint(file));
  }
}
