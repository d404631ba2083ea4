package dev.tidings.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidings.clock.VectorClock;
import dev.tidings.drift.DriftEvent;
import dev.tidings.drift.DriftHost;
import dev.tidings.drift.DriftMessage;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @Test
  void a_summary_counts_jumps_queues_and_types() throws IOException {
    Path file = directory.resolve("client-x.json");
    Files.writeString(
        file,
        """
        [{"event_type":"INTERNAL","system_clock_time":10.0,"logical_clock_time":1,"message_queue_size":0,"message":null},
         {"event_type":"RECEIVE","system_clock_time":10.5,"logical_clock_time":9,"message_queue_size":3,"message":{}},
         {"event_type":"SEND","system_clock_time":11.0,"logical_clock_time":10,"message_queue_size":2,"message":{}}]
        """);
    assertEquals(
        new HostSummary(3, 1, 1, 1, 2.0, 10, 10 / 3.0, 8, 3),
        HostSummary.of(RunLog.read(file).events()));
  }

  /** The numbers that are known of the recorded runs: see the table beside them. */
  @ParameterizedTest
  @CsvSource({
    "test1,8001,352,364,2,0,41,98,213",
    "test1,8002,294,362,5,1,69,66,159",
    "test1,8003,60,162,11,52,58,1,1",
    "test2,8001,60,118,12,2,29,7,24",
    "test2,8002,119,119,1,1,14,37,68",
    "test2,8003,60,118,10,1,28,12,20",
    "test3,8001,294,363,5,1,84,64,146",
    "test3,8002,352,363,2,1,66,92,194",
    "test3,8003,236,362,9,2,102,33,101",
    "test4,8001,119,346,18,2,67,16,36",
    "test4,8002,352,352,1,1,24,87,241",
    "test4,8003,119,347,15,2,68,16,35"
  })
  void the_recorded_runs_come_out_as_they_are_known(
      String run,
      int port,
      int events,
      long finalClock,
      long largestJump,
      int largestQueue,
      int receives,
      int sends,
      int internals) {
    Path recorded = Path.of("..", "..", "shared", "data", "cs2620-hw3");
    assumeTrue(
        Files.isDirectory(recorded), "the recorded runs are not beside this checkout: skipped");
    HostSummary summary =
        HostSummary.of(
            RunLog.read(recorded.resolve(run).resolve("client-localhost-" + port + ".json"))
                .events());
    assertEquals(events, summary.events());
    assertEquals(finalClock, summary.finalClock());
    assertEquals(largestJump, summary.largestJump());
    assertEquals(largestQueue, summary.largestQueue());
    assertEquals(receives, summary.receives());
    assertEquals(sends, summary.sends());
    assertEquals(internals, summary.internals());
  }
}
