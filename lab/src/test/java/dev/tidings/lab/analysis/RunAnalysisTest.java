package dev.tidings.lab.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.clock.VectorClock;
import dev.tidings.drift.DriftEvent;
import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.LinkModel;
import dev.tidings.drift.Simulation;
import dev.tidings.drift.SimulationSink;
import dev.tidings.drift.Target;
import dev.tidings.lab.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunAnalysisTest {
  private static final int FIRST_PORT = 9998;
  private static final long SECOND = 1_000_000_000L;

  @TempDir private Path directory = Path.of("set by JUnit");

  /**
   * A run as other implementations write it: a JSON array a host, in files that are named by
   * address, with ports of different lengths.
   */
  private Path otherFormat(double[] rates, long seconds, long seed) throws IOException {
    var setup =
        new DriftSetup(
            new ExperimentSeed(seed),
            rates,
            new double[] {0.7},
            new long[0],
            rates.length - 1,
            LinkModel.PERFECT,
            0);
    var arrays = new ArrayList<List<String>>();
    for (int i = 0; i < rates.length; i++) {
      arrays.add(new ArrayList<>());
    }
    new Simulation(
            setup,
            1,
            part ->
                new SimulationSink() {
                  private void add(
                      int host, String type, long nanos, long lamport, int queue, String message) {
                    arrays
                        .get(host - 1)
                        .add(
                            String.format(
                                Locale.ROOT,
                                "{\"event_type\": \"%s\", \"system_clock_time\": %.6f,"
                                    + " \"logical_clock_time\": %d, \"message_queue_size\": %d,"
                                    + " \"message\": %s}",
                                type,
                                1.7e9 + nanos / 1e9,
                                lamport,
                                queue,
                                message));
                  }

                  private String message(int from, int target, long nanos, long lamport) {
                    return String.format(
                        Locale.ROOT,
                        "{\"source\": \"127.0.0.1:%d\", \"type\": \"%s\","
                            + " \"system_clock_time\": %.6f, \"logical_clock_time\": %d,"
                            + " \"payload\": \"\"}",
                        FIRST_PORT + from - 1,
                        Target.typeName(target),
                        1.7e9 + nanos / 1e9,
                        lamport);
                  }

                  @Override
                  public void internal(int host, long nanos, long lamport) {
                    add(host, "INTERNAL", nanos, lamport, 0, "null");
                  }

                  @Override
                  public void send(int host, long nanos, long lamport, int tick, int target) {
                    add(host, "SEND", nanos, lamport, 0, message(host, target, nanos, lamport));
                  }

                  @Override
                  public void receive(
                      int host,
                      long nanos,
                      long lamport,
                      int queue,
                      int from,
                      int sentTick,
                      int target,
                      long sentLamport,
                      long sentNanos) {
                    add(
                        host,
                        "RECEIVE",
                        nanos,
                        lamport,
                        queue,
                        message(from, target, sentNanos, sentLamport));
                  }
                })
        .run(seconds * SECOND);
    for (int i = 0; i < arrays.size(); i++) {
      Files.writeString(
          directory.resolve("client-localhost-" + (FIRST_PORT + i) + ".json"),
          "[\n" + String.join(",\n", arrays.get(i)) + "\n]\n");
    }
    return directory;
  }

  private Path handMade() throws IOException {
    Files.writeString(
        directory.resolve("client-x-1.json"),
        """
        [{"event_type":"INTERNAL","system_clock_time":10.0,"logical_clock_time":1,"message_queue_size":0,"message":null},
         {"event_type":"RECEIVE","system_clock_time":10.5,"logical_clock_time":9,"message_queue_size":3,"message":{}},
         {"event_type":"SEND","system_clock_time":11.0,"logical_clock_time":10,"message_queue_size":2,"message":{}}]
        """);
    return directory;
  }

  @Test
  void figures_of_a_host_are_what_its_log_adds_up_to() throws IOException {
    RunAnalysis analysis = RunAnalysis.of(Run.read(handMade()));
    HostFigures host = analysis.hosts().get(0);
    assertEquals(3, host.events());
    assertEquals(1, host.receives());
    assertEquals(1, host.sends());
    assertEquals(1, host.internals());
    assertEquals(2.0, host.realRate());
    assertEquals(10, host.finalClock());
    assertEquals(10 / 3.0, host.meanJump());
    assertEquals(1, host.medianJump());
    assertEquals(8, host.p99Jump());
    assertEquals(8, host.largestJump());
    assertEquals(Map.of(1L, 2, 8L, 1), host.jumps());
    assertEquals(3, host.largestQueue());
    assertEquals(5 / 3.0, host.meanQueue(), 1e-12);
    assertEquals(2, host.queueGrowth(), 1e-12);
  }

  @Test
  void another_implementations_format_is_read_and_ports_are_compared_as_numbers()
      throws IOException {
    Run run = Run.read(otherFormat(new double[] {6, 5, 1}, 60, 7));
    assertEquals(List.of(9998, 9999, 10000), run.hosts().stream().map(Run.Host::id).toList());
    int receipts = 0;
    for (Run.Host host : run.hosts()) {
      for (int i = 0; i < host.events().size(); i++) {
        if (host.events().get(i).type() == DriftEvent.Type.RECEIVE) {
          receipts++;
          Run.Sending sending = host.sendings().get(i);
          assertNotNull(sending);
          Run.Host sender = run.hosts().get(sending.host());
          assertEquals(
              host.events().get(i).message(), sender.events().get(sending.event()).message());
          assertTrue(sender.recipients().get(sending.event()).contains(run.hosts().indexOf(host)));
        }
      }
    }
    assertTrue(receipts > 100);
    assertTrue(run.notes().toString().contains("no args.json"), run.notes()::toString);
  }

  @Test
  void the_slow_third_host_is_found_to_be_overloaded() throws IOException {
    RunAnalysis analysis = RunAnalysis.of(Run.read(otherFormat(new double[] {6, 5, 1}, 60, 7)));
    Theory theory = analysis.theory().orElseThrow();
    assertEquals(
        List.of(false, false, true),
        theory.hosts().stream().map(Theory.Host::isOverloaded).toList());
    String first = analysis.findings().get(0);
    assertTrue(first.startsWith("Host 10000 ticks at 1.00/s, gets "), first);
    assertTrue(first.contains("never catches up"), first);
    assertTrue(analysis.findings().size() >= 3 && analysis.findings().size() <= 6);
    assertEquals(List.of(), analysis.violations());
  }

  @Test
  void theory_is_the_fixed_point_of_what_hosts_send_to_each_other() {
    // Worked out by hand: two hosts, each free tick sends 0.2 messages to the other.
    double[] arrivals =
        Theory.arrivalRates(new double[] {6, 1}, new double[] {0.2, 0.2}, new int[0][]);
    // λ2 = 0.2 (6 - λ1), λ1 = 0.2 max(0, 1 - λ2): λ2 = 1.2, above 1, so λ1 = 0.
    assertEquals(0, arrivals[0], 1e-6);
    assertEquals(1.2, arrivals[1], 1e-6);
    // The same, said host by host; then a ring of three, where each knows the next.
    assertArrayEquals(
        arrivals,
        Theory.arrivalRates(new double[] {6, 1}, new double[] {0.2, 0.2}, new int[][] {{1}, {0}}),
        1e-6);
    double[] ring =
        Theory.arrivalRates(
            new double[] {4, 4, 4}, new double[] {0.5, 0.5, 0.5}, new int[][] {{1}, {2}, {0}});
    // λ = 0.5 (4 - λ).
    assertArrayEquals(new double[] {4 / 3.0, 4 / 3.0, 4 / 3.0}, ring, 1e-6);
  }

  @Test
  void a_host_right_at_the_boundary_is_not_said_to_fall_behind() {
    // λ1 = 0.2 ((6 - λ2) + (1 - λ3)), and so on: rates are chosen so that host 3 gets what it
    // ticks.
    double[] sent = {0.2, 0.2, 0.2};
    double[] rates = {3.2, 2.8, 1};
    double[] arrivals = Theory.arrivalRates(rates, sent, new int[0][]);
    assertEquals(1, arrivals[2], 1e-6);
    assertEquals(0, Theory.overloaded(setup(rates, 2, 0)));
    assertEquals(1, Theory.overloaded(setup(new double[] {3.2, 2.9, 1}, 2, 0)));
    // Of what gets lost nothing has to be read.
    assertEquals(0, Theory.overloaded(setup(new double[] {3.2, 2.9, 1}, 2, 0.1)));
  }

  private static DriftSetup setup(double[] rates, int others, double loss) {
    return new DriftSetup(
        new ExperimentSeed(1),
        rates,
        new double[] {0.7},
        new long[0],
        others,
        new LinkModel(LinkModel.PERFECT.delay(), loss),
        0);
  }

  @Test
  void a_clock_follows_the_fastest_that_it_hears_of() {
    double[] rates = {6, 5, 1};
    double[] sent = {0.2, 0.2, 0.2};
    double[] arrivals = Theory.arrivalRates(rates, sent, new int[0][]);
    assertArrayEquals(
        new double[] {6, 6, 6 / arrivals[2]},
        Theory.clockRates(rates, sent, arrivals, new int[0][]),
        1e-6);
    // Nobody sends anything.
    assertArrayEquals(
        rates, Theory.clockRates(rates, new double[3], new double[3], new int[0][]), 1e-9);
    // Host 1 knows 2, 2 knows 3, 3 knows 2: nobody tells host 1.
    int[][] known = {{1}, {2}, {1}};
    double[] heard =
        Theory.clockRates(new double[] {2, 6, 3}, sent, new double[] {0, 0.9, 0.6}, known);
    assertArrayEquals(new double[] {2, 6, 6}, heard, 1e-9);
  }

  @Test
  void many_simulated_arrivals_agree_with_theory() {
    double[] rates = {6, 5, 3, 2, 1};
    double[] sent = {0.12, 0.12, 0.12, 0.12, 0.12};
    double[] expected = Theory.arrivalRates(rates, sent, new int[0][]);
    var setup =
        new DriftSetup(
            new ExperimentSeed(3), rates, new double[] {0.7}, new long[0], 4, LinkModel.PERFECT, 0);
    int[] sentTo = new int[5];
    long seconds = 5_000;
    new Simulation(
            setup,
            1,
            part ->
                new SilentSink() {
                  @Override
                  public void send(int host, long nanos, long lamport, int tick, int target) {
                    for (int other = 1; other <= 5; other++) {
                      int k = other < host ? other : other - 1;
                      if (other != host && (target == 0 || target == k)) {
                        sentTo[other - 1]++;
                      }
                    }
                  }
                })
        .run(seconds * SECOND);
    for (int i = 0; i < 5; i++) {
      assertEquals(
          expected[i], sentTo[i] / (double) seconds, 0.03 * expected[i], "host " + (i + 1));
    }
  }

  /** Takes no notice. */
  private static class SilentSink implements SimulationSink {
    @Override
    public void internal(int host, long nanos, long lamport) {}

    @Override
    public void send(int host, long nanos, long lamport, int tick, int target) {}

    @Override
    public void receive(
        int host,
        long nanos,
        long lamport,
        int queue,
        int from,
        int sentTick,
        int target,
        long sentLamport,
        long sentNanos) {}
  }

  /** Each pair of events is looked at, by the core's vector clocks. */
  @Test
  void concurrent_pairs_are_counted_as_vector_clocks_compare_them() throws IOException {
    for (int seed = 0; seed < 5; seed++) {
      Run run = Run.read(otherFormat(new double[] {3, 2, 1, 4}, 20, seed));
      var clocks = new ArrayList<VectorClock>();
      var lamports = new ArrayList<Long>();
      var known = new HashMap<Run.Sending, VectorClock>();
      int[] next = new int[4];
      var now =
          new ArrayList<>(
              List.of(VectorClock.ZERO, VectorClock.ZERO, VectorClock.ZERO, VectorClock.ZERO));
      for (boolean hasMoved = true; hasMoved; ) {
        hasMoved = false;
        for (int host = 0; host < 4; host++) {
          Run.Host log = run.hosts().get(host);
          while (next[host] < log.events().size()) {
            Run.Sending sending = log.sendings().get(next[host]);
            VectorClock message = sending == null ? VectorClock.ZERO : known.get(sending);
            if (message == null) {
              break;
            }
            now.set(host, now.get(host).merge(message).tick(host));
            known.put(new Run.Sending(host, next[host]), now.get(host));
            clocks.add(now.get(host));
            lamports.add(log.events().get(next[host]).lamportTime());
            next[host]++;
            hasMoved = true;
          }
        }
      }
      long concurrent = 0;
      long ordered = 0;
      for (int a = 0; a < clocks.size(); a++) {
        for (int b = 0; b < a; b++) {
          if (clocks.get(a).compare(clocks.get(b)) == VectorClock.Order.CONCURRENT) {
            concurrent++;
            ordered += lamports.get(a).equals(lamports.get(b)) ? 0 : 1;
          }
        }
      }
      ClockComparison comparison = ClockComparison.of(run).orElseThrow();
      assertEquals(clocks.size(), comparison.events());
      assertEquals(concurrent, comparison.concurrentPairs());
      assertEquals(ordered, comparison.concurrentOrdered());
      try (var files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Test
  void clocks_that_stay_together_are_not_said_to_drift_apart() throws IOException {
    // At rates 1 2 1, as a recorded run has them, hosts keep up, and end a few ticks apart or none.
    for (int seed = 0; seed < 20; seed++) {
      List<String> findings =
          RunAnalysis.of(Run.read(otherFormat(new double[] {1, 2, 1}, 60, seed))).findings();
      assertTrue(
          findings.stream()
              .anyMatch(
                  finding ->
                      finding.startsWith("Messages hold the clocks together")
                          || finding.startsWith("All logical clocks end at the same time")),
          findings::toString);
    }
  }

  @Test
  void the_first_event_that_breaks_a_rule_is_named() throws IOException {
    Path file = otherFormat(new double[] {3, 2}, 20, 1).resolve("client-localhost-9999.json");
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    lines.set(
        5,
        lines.get(5).replaceFirst("\"logical_clock_time\": (\\d+)", "\"logical_clock_time\": 999"));
    Files.write(file, lines);
    RunAnalysis analysis = RunAnalysis.of(Run.read(directory));
    String words = analysis.violations().get(0).words();
    assertTrue(words.startsWith("host 9999, event 5 ("), words);
    assertTrue(words.contains("breaks Lamport's rule"), words);
    assertTrue(words.endsWith("not 999"), words);
    assertTrue(analysis.findings().get(0).contains(words), analysis.findings()::toString);
  }

  @Test
  void two_events_at_one_tick_and_a_tick_without_an_event_break_the_rule() throws IOException {
    Files.writeString(
        directory.resolve("host-1.jsonl"),
        """
        {"host":1,"event_type":"INTERNAL","system_clock_time":1,"logical_clock_time":1,"message_queue_size":0,"tick":0,"message":null}
        {"host":1,"event_type":"INTERNAL","system_clock_time":2,"logical_clock_time":2,"message_queue_size":0,"tick":1,"message":null}
        {"host":1,"event_type":"INTERNAL","system_clock_time":2,"logical_clock_time":3,"message_queue_size":0,"tick":1,"message":null}
        {"host":1,"event_type":"INTERNAL","system_clock_time":4,"logical_clock_time":4,"message_queue_size":0,"tick":3,"message":null}
        """);
    List<RuleCheck.Violation> violations = RunAnalysis.of(Run.read(directory)).violations();
    assertEquals(2, violations.size());
    assertTrue(violations.get(0).words().contains("event 3"), violations::toString);
    assertTrue(violations.get(0).words().contains("one more event at tick 1"));
    assertTrue(violations.get(1).words().contains("tick 2 had no event"));
  }

  @Test
  void a_file_that_is_cut_off_anywhere_is_read_up_to_the_cut() throws IOException {
    Path file = otherFormat(new double[] {3, 2}, 6, 1).resolve("client-localhost-9999.json");
    byte[] whole = Files.readAllBytes(file);
    int events = Run.read(directory).hosts().get(1).events().size();
    int read = 0;
    for (int length = whole.length % 3; length < whole.length - 1; length += 3) {
      Files.write(file, Arrays.copyOf(whole, length));
      Run run = Run.read(directory);
      boolean isTold =
          run.notes().stream()
              .anyMatch(note -> note.startsWith("client-localhost-9999.json is cut off: "));
      boolean isEmpty = run.notes().toString().contains("client-localhost-9999.json has no events");
      assertTrue(isTold || isEmpty, "cut at " + length);
      int now = isEmpty ? 0 : run.hosts().get(1).events().size();
      assertTrue(now >= read && now <= events, "cut at " + length);
      read = now;
      RunAnalysis.of(run);
    }
    assertEquals(events, read, "cut behind the last event");
  }

  @Test
  void of_a_log_that_ends_early_nothing_is_said_beyond_its_end() throws IOException {
    Path file = otherFormat(new double[] {6, 5, 4}, 60, 1).resolve("client-localhost-9999.json");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 4));
    RunAnalysis analysis = RunAnalysis.of(Run.read(directory));
    assertTrue(
        analysis.run().notes().stream()
            .anyMatch(note -> note.startsWith("client-localhost-9999.json ends at 1")),
        analysis.run().notes()::toString);
    // The clocks are as close as they are while there are logs of both.
    for (PairFigures pair : analysis.pairs()) {
      assertTrue(Math.abs(pair.finalDrift()) < 15, pair::toString);
    }
    assertTrue(analysis.theory().isEmpty());
    assertTrue(analysis.clocks().isEmpty());
    assertTrue(analysis.findings().size() >= 3, analysis.findings()::toString);
    assertTrue(
        analysis.findings().get(1).startsWith("Messages hold the clocks together")
            || analysis.findings().get(1).startsWith("All logical clocks end"),
        analysis.findings()::toString);
  }

  @Test
  void of_one_host_of_several_there_are_three_findings_and_no_theory() throws IOException {
    otherFormat(new double[] {6, 5, 1}, 60, 7);
    Files.delete(directory.resolve("client-localhost-9999.json"));
    Files.delete(directory.resolve("client-localhost-10000.json"));
    RunAnalysis analysis = RunAnalysis.of(Run.read(directory));
    assertTrue(analysis.theory().isEmpty());
    assertEquals(3, analysis.findings().size(), analysis.findings()::toString);
  }

  @Test
  void a_directory_without_logs_is_refused() {
    assertThrows(LabException.class, () -> Run.read(directory));
    assertThrows(LabException.class, () -> Run.read(directory.resolve("missing")));
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
      String name,
      int port,
      int events,
      long finalClock,
      long largestJump,
      int largestQueue,
      int receives,
      int sends,
      int internals) {
    Run run = RecordedRuns.read(name);
    RunAnalysis analysis = RunAnalysis.of(run);
    HostFigures host =
        analysis.hosts().stream().filter(figures -> figures.id() == port).findFirst().orElseThrow();
    assertEquals(events, host.events());
    assertEquals(finalClock, host.finalClock());
    assertEquals(largestJump, host.largestJump());
    assertEquals(largestQueue, host.largestQueue());
    assertEquals(receives, host.receives());
    assertEquals(sends, host.sends());
    assertEquals(internals, host.internals());
    assertEquals(List.of(), run.notes());
    assertEquals(List.of(), analysis.violations());
  }
}
