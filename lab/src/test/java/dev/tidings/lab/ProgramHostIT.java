package dev.tidings.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidings.lab.analysis.Run;
import dev.tidings.lab.analysis.RunAnalysis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hosts that are somebody's own programs: the documented example, and what may be wrong in it. */
class ProgramHostIT {
  private static final Path EXAMPLE = Path.of("..", "examples", "host.py");

  @TempDir private Path directory = Path.of("set by JUnit");

  @BeforeEach
  void python() throws Exception {
    boolean isThere;
    try {
      isThere = new ProcessBuilder("python3", "--version").start().waitFor() == 0;
    } catch (java.io.IOException e) {
      isThere = false;
    }
    assumeTrue(isThere, "no python3 is installed here: skipped");
  }

  private RunAnalysis run(String... replacements) throws Exception {
    String program = Files.readString(EXAMPLE);
    for (int i = 0; i < replacements.length; i += 2) {
      assertTrue(program.contains(replacements[i]));
      program = program.replace(replacements[i], replacements[i + 1]);
    }
    Path mine = Files.writeString(directory.resolve("mine.py"), program);
    Path run = Files.createDirectory(directory.resolve("run"));
    new InProcessRun(SampleRuns.inProcess("python3 " + mine, Map.of()), run).run();
    return RunAnalysis.of(Run.read(run));
  }

  @Test
  void the_example_keeps_to_the_rules() throws Exception {
    RunAnalysis analysis = run();
    assertEquals(List.of(), analysis.violations());
    assertEquals(
        List.of(120, 100, 40), analysis.hosts().stream().map(host -> host.events()).toList());
    assertTrue(analysis.hosts().get(2).receives() > 5);
    assertTrue(Files.readAllLines(EXAMPLE).size() <= 30);
  }

  @Test
  void a_program_may_be_one_host_among_ours() throws Exception {
    Experiment experiment =
        SampleRuns.inProcess(
            null,
            Map.ofEntries(
                HostOverride.parse("2: clock_speed=4 host_command=python3 " + EXAMPLE + " # own")));
    Path run = Files.createDirectory(directory.resolve("run"));
    new InProcessRun(experiment, run).run();
    RunAnalysis analysis = RunAnalysis.of(Run.read(run));
    assertEquals(List.of(), analysis.violations());
    assertEquals(
        List.of(120, 80, 40), analysis.hosts().stream().map(host -> host.events()).toList());
    // Only a program's log tells ticks.
    assertEquals(
        List.of(false, true, false),
        analysis.run().hosts().stream().map(host -> host.events().get(0).tick() >= 0).toList());
    assertTrue(analysis.hosts().get(1).receives() > 5);
  }

  @Test
  void the_first_event_that_breaks_lamports_rule_is_named() throws Exception {
    RunAnalysis analysis = run("max(clock, message[\"logical_clock_time\"]) + 1", "clock + 1");
    String first = analysis.violations().get(0).words();
    assertTrue(
        first.matches("host \\d, event \\d+ \\(RECEIVE at .*breaks Lamport's rule.*"), first);
    assertTrue(analysis.findings().get(0).contains(first));
  }

  @Test
  void a_second_event_at_a_tick_is_named() throws Exception {
    RunAnalysis analysis =
        run(
            "        print(json.dumps(event), flush=True)",
            """
                    print(json.dumps(event), flush=True)
                    if clock == 9:
                        clock += 1
                        print(json.dumps({"event_type": "INTERNAL", "logical_clock_time": clock, "message_queue_size": 0}), flush=True)
            """);
    String first = analysis.violations().get(0).words();
    assertTrue(first.contains("is one more event at tick"), first);
  }

  /**
   * What is wrong in a program ends the run, and is told in one line with the tick or the answer.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "print(json.dumps(event)|print(\"oops\"|is not JSON: oops",
        "event[\"message_queue_size\"] = len(inbox)|event[\"message_queue_size\"] = -1|has no message_queue_size of 0 or more",
        "event[\"logical_clock_time\"] = clock|event[\"logical_clock_time\"] = clock + 0.5|has no logical_clock_time",
        "inbox.pop(0)|inbox[0]|no id of a message that waits to be received",
        "[others[target - 1]]|[99]|neither one of",
        "        clock += 1|        clock += 1; clock > 5 and sys.exit(3)|the program ended at tick 5, with exit code 3"
      })
  void a_program_that_goes_wrong_ends_the_run_with_its_words(
      String rightText, String wrongText, String words) {
    var e = assertThrows(LabException.class, () -> run(rightText, wrongText));
    assertTrue(String.valueOf(e.getMessage()).contains(words), e::getMessage);
  }

  @Test
  void a_program_that_writes_without_end_is_ended() {
    var e =
        assertThrows(
            LabException.class,
            () ->
                run(
                    "        print(json.dumps(event), flush=True)",
                    "        while True: print(json.dumps(event), flush=True)"));
    assertTrue(
        String.valueOf(e.getMessage()).contains("gave more than 100 answers to tick"),
        e::getMessage);
  }
}
