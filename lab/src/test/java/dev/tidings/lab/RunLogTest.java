package dev.tidings.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.clock.VectorClock;
import dev.tidings.drift.DriftEvent;
import dev.tidings.drift.DriftHost;
import dev.tidings.drift.DriftMessage;
import dev.tidings.lab.analysis.RunLog;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunLogTest {
  @TempDir private Path directory = Path.of("set by JUnit");

  private static DriftMessage message(int from, long lamport) {
    return new DriftMessage(from, 0, lamport, VectorClock.ZERO.tick(from), 1_000_000, "");
  }

  private static List<DriftEvent> events() {
    var host = new DriftHost(1, List.of(2, 3), 0.5, new SplittableRandom(3));
    var events = new ArrayList<DriftEvent>();
    for (int tick = 0; tick < 40; tick++) {
      if (tick % 10 == 5) {
        host.deliver(message(2, 3L * tick));
        host.deliver(message(3, 3L * tick + 1));
      }
      events.add(host.tick(1_700_000_000_000_000L + tick * 250_000L));
    }
    return events;
  }

  private Path write(List<DriftEvent> events) throws IOException {
    Path file = directory.resolve("host-1.jsonl");
    try (var log = EventLog.create(file, 3)) {
      for (DriftEvent event : events) {
        log.write(event);
      }
    }
    return file;
  }

  @Test
  void what_is_logged_is_read_back() throws IOException {
    List<DriftEvent> events = events();
    RunLog log = RunLog.read(write(events));
    assertFalse(log.isTruncated());
    assertEquals(events.size(), log.events().size());
    for (int i = 0; i < events.size(); i++) {
      assertEquals(events.get(i).type(), log.events().get(i).type());
      assertEquals(events.get(i).lamportTime(), log.events().get(i).lamportTime());
      assertEquals(events.get(i).queueLength(), log.events().get(i).queueLength());
      assertEquals(events.get(i).to(), log.events().get(i).to());
      assertEquals(events.get(i).systemMicros() / 1e6, log.events().get(i).systemSeconds(), 1e-6);
    }
  }

  @Test
  void every_event_is_in_the_file_as_soon_as_it_is_written() throws IOException {
    Path file = directory.resolve("host-1.jsonl");
    try (var log = EventLog.create(file, 3)) {
      int lines = 0;
      for (DriftEvent event : events()) {
        log.write(event);
        assertEquals(++lines, Files.readAllLines(file).size());
      }
    }
    assertThrows(FileAlreadyExistsException.class, () -> EventLog.create(file, 3));
  }

  @Test
  void a_line_has_the_field_names_of_the_recorded_runs() throws IOException {
    DriftEvent event =
        new DriftEvent(
            DriftEvent.Type.RECEIVE,
            1,
            1_700_000_000_123_456L,
            42,
            VectorClock.ZERO.tick(1).tick(2),
            7,
            message(2, 41),
            List.of());
    assertEquals(
        List.of(
            "{\"host\":1,\"event_type\":\"RECEIVE\",\"system_clock_time\":1700000000.123456,"
                + "\"logical_clock_time\":42,\"message_queue_size\":7,\"vector_clock\":{\"1\":1,\"2\":1},"
                + "\"message\":{\"source\":\"2\",\"type\":\"BROADCAST\",\"system_clock_time\":1.000000,"
                + "\"logical_clock_time\":41,\"vector_clock\":{\"2\":1},\"payload\":\"\"}}"),
        Files.readAllLines(write(List.of(event))));
  }

  @Test
  void a_log_that_was_cut_off_is_read_up_to_the_cut() throws IOException {
    Path file = write(events());
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 20));
    RunLog log = RunLog.read(file);
    assertTrue(log.isTruncated());
    assertEquals(events().size() - 1, log.events().size());
  }

  @Test
  void something_else_than_a_log_is_refused_with_the_place() throws IOException {
    Path file = directory.resolve("other");
    for (String text :
        List.of(
            "{\"event_type\":\"JUMP\"}",
            "\n\n[{\"event_type\":\"SEND\",\"logical_clock_time\":\"x\"}]",
            "not JSON",
            "17")) {
      Files.writeString(file, text);
      var e = assertThrows(LabException.class, () -> RunLog.read(file), text);
      assertTrue(String.valueOf(e.getMessage()).contains("line "), e::getMessage);
    }
    assertThrows(LabException.class, () -> RunLog.read(directory.resolve("missing")));
  }
}
