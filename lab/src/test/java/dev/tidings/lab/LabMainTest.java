package dev.tidings.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.lab.analysis.HostFigures;
import dev.tidings.lab.analysis.Run;
import dev.tidings.lab.analysis.RunAnalysis;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands as they are typed, those that need no other process. */
class LabMainTest {
  @TempDir private Path directory = Path.of("set by JUnit");

  /** What a command said, on both streams. */
  private record Said(int code, String out, String err) {}

  private Said lab(String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    PrintStream realOut = System.out;
    PrintStream realErr = System.err;
    try {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
      int code = LabMain.execute(arguments);
      return new Said(
          code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(realOut);
      System.setErr(realErr);
    }
  }

  private Said simulate(String name, String... options) {
    var arguments = new ArrayList<>(List.of("simulate", "--exp-name", name));
    arguments.addAll(List.of("--logs", directory.toString()));
    arguments.addAll(List.of(options));
    return lab(arguments.toArray(String[]::new));
  }

  private List<Path> logs(String name) throws IOException {
    try (var files = Files.list(directory.resolve(name))) {
      return files.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
    }
  }

  private static final String[] EVERYTHING = {
    "--hosts", "12", "--clock-speeds", "normal 3 1", "--prob-internal", "0.5", "--run-time", "20",
    "--link-delay", "uniform 20ms-300ms", "--loss", "0.1", "--others", "4", "--tick-jitter", "0.3",
    "--override", "3: clock_speed=9 start=2.5", "--seed", "99"
  };

  @Test
  void a_simulated_run_is_repeated_bit_by_bit() throws IOException {
    assertEquals(0, simulate("a", EVERYTHING).code());
    Said again = lab("rerun", directory.resolve("a").toString());
    assertEquals(0, again.code(), again.err());
    assertTrue(again.out().contains("bit by bit as in"), again.out());
    assertEquals(12, logs("a").size());
    for (Path log : logs("a")) {
      assertArrayEquals(
          Files.readAllBytes(log),
          Files.readAllBytes(directory.resolve("a-rerun").resolve(log.getFileName())));
    }
  }

  @Test
  void a_rerun_that_comes_out_otherwise_says_so() throws IOException {
    simulate("a", "--seed", "1", "--run-time", "5");
    Path log = logs("a").get(1);
    Files.writeString(log, Files.readString(log).replaceFirst("INTERNAL|SEND|RECEIVE", "OTHER"));
    Said again = lab("rerun", directory.resolve("a").toString());
    assertEquals(1, again.code());
    assertTrue(again.err().contains("host-2.jsonl is not as it was"), again.err());
  }

  @Test
  void threads_and_logged_hosts_do_not_change_what_happens() throws IOException {
    simulate("a", EVERYTHING);
    var options = new ArrayList<>(List.of(EVERYTHING));
    options.addAll(List.of("--threads", "3"));
    simulate("b", options.toArray(String[]::new));
    options.addAll(List.of("--log-hosts", "4"));
    simulate("c", options.toArray(String[]::new));
    assertEquals(4, logs("c").size());
    for (String other : List.of("b", "c")) {
      for (Path log : logs(other)) {
        assertArrayEquals(
            Files.readAllBytes(directory.resolve("a").resolve(log.getFileName())),
            Files.readAllBytes(log));
      }
      assertEquals(
          Files.readString(directory.resolve("a/totals.csv")),
          Files.readString(directory.resolve(other).resolve("totals.csv")));
    }
  }

  @Test
  void the_command_line_comes_on_top_of_the_file_and_args_json_is_such_a_file() throws IOException {
    Path file = directory.resolve("run.yaml");
    Files.writeString(
        file,
        """
        exp_name: from-file
        clock_speeds: zipf 6 1.5
        hosts: 7
        run_time: 9
        seed: 5
        link_delay: exponential 40ms
        overrides:
          2: {prob_internal: 0.1}
        """);
    assertEquals(0, simulate("x", file.toString(), "--hosts", "4").code());
    Experiment used = RunDirectory.experiment(directory.resolve("x"));
    assertEquals(4, used.hosts());
    assertEquals(4, used.clockSpeeds().list().size());
    assertEquals("exponential 40ms", used.linkDelay());
    assertEquals(0.1, used.setup().probInternal(2));
    assertEquals(0, simulate("y", directory.resolve("x").resolve("args.json").toString()).code());
    assertEquals(used.named("y"), RunDirectory.experiment(directory.resolve("y")));
  }

  @ParameterizedTest
  @CsvSource({
    "--clock-speeds,gauss 1 2,clock speeds are numbers with spaces",
    "--clock-speeds,6 x 1,clock speeds are numbers with spaces",
    "--clock-speeds,uniform 6-1,clock speeds are numbers with spaces",
    "--clock-speeds,6 0,the rate 0.0 is not between 0.001 and 1000.0",
    "--clock-speeds,constant 2000,the rate 2000.0 is not between",
    "--link-delay,soon,a link's delay is",
    "--link-delay,2h,a link's delay is",
    "--link-delay,5,a link's delay is",
    "--link-delay,uniform 9ms-3ms,a link's delay is",
    "--loss,2,the loss is between 0 and 1",
    "--prob-internal,-0.1,the probability of internal events is between 0 and 1",
    "--prob-internal,x,Invalid value for option '--prob-internal'",
    "--others,3,each of 3 hosts knows 1 to 2 others",
    "--others,0,each of 3 hosts knows 1 to 2 others",
    "--tick-jitter,1.5,the tick jitter is a part of the time",
    "--run-time,0,'the run time is 0.001 to 86400 s, not 0.0 s'",
    "--seed,-1,a seed is 0 or more",
    "--hosts,6000000,a simulated run has 1 to 5000000 hosts",
    "--override,3=1,an override is",
    "--override,9: start=1,an override is for one of the hosts 1 to 3",
    "--threads,2,several threads need a --link-delay",
    "--log-hosts,-1,0 to 10000 hosts keep logs",
    "--exp-name,a/b,an experiment's name has"
  })
  void a_bad_value_gets_one_line_that_says_what_is_allowed(
      String option, String value, String line) {
    Said said = lab("simulate", "--logs", directory.toString(), option, value);
    assertEquals(2, said.code());
    assertTrue(said.err().startsWith(line), said.err());
    assertEquals(1, said.err().lines().count(), said.err());
  }

  @ParameterizedTest
  @CsvSource({
    "loss: 3,the loss is between 0 and 1",
    "hots: 3,'line 1: there is no option hots; known are'",
    "'clock_speeds: [6, a]',line 1: clock speeds are numbers",
    "'overrides: {2: {clock_speed: 0}}',the rate 0.0 is not between",
    "hosts: three,line 1: hosts has a whole number",
    "'overrides: {2: {start: soon}}',overrides.2.start has a number",
    "three hosts,known are exp_name",
    "host_command: mine,a host_command is for a run in real time"
  })
  void a_bad_file_gets_one_line_too(String text, String words) throws IOException {
    Path file = Files.writeString(directory.resolve("bad.yaml"), text);
    Said said = simulate("a", file.toString());
    assertEquals(2, said.code());
    assertTrue(said.err().contains(words), said.err());
    assertEquals(1, said.err().lines().count(), said.err());
  }

  @Test
  void what_is_no_command_and_no_option_is_answered_with_those_there_are() {
    for (String[] arguments : new String[][] {{}, {"walk"}, {"simulate", "--bogus"}}) {
      Said said = lab(arguments);
      assertEquals(2, said.code());
      assertEquals(1, said.err().lines().count(), said.err());
      assertTrue(
          said.err().contains("commands are run, simulate, ") || said.err().contains("--help"),
          said.err());
    }
  }

  @Test
  void runs_without_a_name_never_get_the_same_one() throws IOException {
    for (int i = 0; i < 3; i++) {
      assertEquals(0, lab("simulate", "--run-time", "1", "--logs", directory.toString()).code());
    }
    try (var runs = Files.list(directory)) {
      assertEquals(3, runs.count());
    }
  }

  @Test
  void what_was_not_run_here_is_not_run_once_more() throws IOException {
    for (String args : List.of("{", "{\"clock_speeds\": [6, 5, 1]}", "{\"mode\": 7}")) {
      Files.writeString(directory.resolve("args.json"), args);
      Said said = lab("rerun", directory.toString());
      assertEquals(1, said.code());
      assertEquals(1, said.err().lines().count(), said.err());
      assertTrue(said.err().contains("is not what a run was made with"), said.err());
    }
  }

  @Test
  void lost_messages_are_not_waited_for() throws IOException {
    simulate("a", "--clock-speeds", "6 5 1", "--loss", "0.4", "--run-time", "60", "--seed", "3");
    List<String> totals = Files.readAllLines(directory.resolve("a/totals.csv"));
    List<HostFigures> hosts = RunAnalysis.of(Run.read(directory.resolve("a"))).hosts();
    int queue = List.of(totals.get(0).split(",", -1)).indexOf("queue");
    for (HostFigures host : hosts) {
      assertEquals(
          Integer.parseInt(totals.get(host.id()).split(",", -1)[queue]), host.unread(), "host");
    }
  }

  @Test
  void a_sweep_in_real_time_comes_out_as_in_virtual_time_and_keeps_its_logs() throws IOException {
    String[] grid = {
      "--hosts",
      "3; 4",
      "--loss",
      "0; 0.2",
      "--others",
      "all; 1",
      "--tick-jitter",
      "0.2",
      "--run-time",
      "6",
      "--seeds",
      "2",
      "--logs",
      directory.toString()
    };
    var virtual = new ArrayList<>(List.of("sweep", "--exp-name", "virtual"));
    virtual.addAll(List.of(grid));
    var real =
        new ArrayList<>(
            List.of("sweep", "--exp-name", "real", "--real-time", "--time-scale", "30"));
    real.addAll(List.of(grid));
    Said said = lab(virtual.toArray(String[]::new));
    assertEquals(0, said.code(), said.err());
    assertEquals(0, lab(real.toArray(String[]::new)).code());
    assertEquals(
        Files.readString(directory.resolve("virtual/points.csv")),
        Files.readString(directory.resolve("real/points.csv")));
    assertEquals(9, Files.readAllLines(directory.resolve("real/points.csv")).size());
    assertEquals(
        4, RunAnalysis.of(Run.read(directory.resolve("real/setting-8-seed-2"))).hosts().size());
  }

  @Test
  void a_sweep_writes_each_chart_as_a_file_too() throws IOException {
    Said said =
        lab(
            "sweep",
            "--exp-name",
            "s",
            "--hosts",
            "2; 3",
            "--seeds",
            "2",
            "--run-time",
            "5",
            "--format",
            "svg,png",
            "--logs",
            directory.toString());
    assertEquals(0, said.code(), said.err());
    assertTrue(
        Files.readString(directory.resolve("s/report-drift-hosts.svg")).startsWith("<svg"),
        "an SVG document");
    assertEquals((byte) 'P', Files.readAllBytes(directory.resolve("s/report-drift-hosts.png"))[1]);
    assertEquals(6, said.err().lines().count(), said.err());
  }

  @Test
  void a_second_sweep_in_a_directory_at_the_same_time_is_refused()
      throws IOException, InterruptedException {
    String[] sweep = {
      "sweep", "--exp-name", "s", "--seeds", "1", "--run-time", "1", "--logs", directory.toString()
    };
    Studies.alone(
        directory.resolve("s"),
        () -> {
          Said said = lab(sweep);
          assertEquals(1, said.code());
          assertTrue(said.err().contains("another sweep is under way there"), said.err());
          assertEquals(1, said.err().lines().count(), said.err());
        });
    assertEquals(0, lab(sweep).code());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--hosts|3; x|a number of hosts is a whole number",
        "--hosts|3; 3|a value is there twice",
        "--others|all; 3|each of 3 hosts knows 1 to 2 others",
        "--loss|1.5|the loss is between 0 and 1",
        "--tick-jitter|x|a tick jitter is a number",
        "--seeds|0|there are 1 to 10000 seeds",
        "--format|gif|Invalid value for option '--format' (FORMAT): expected one of [SVG, PNG]",
        "--time-scale|20|--time-scale and --host are for runs in real time",
        "--host|mine|--time-scale and --host are for runs in real time"
      })
  void a_bad_value_of_a_sweep_gets_one_line_too(String option, String value, String line) {
    Said said = lab("sweep", "--exp-name", "s", "--logs", directory.toString(), option, value);
    assertEquals(2, said.code());
    assertTrue(said.err().startsWith(line), said.err());
    assertEquals(1, said.err().lines().count(), said.err());
  }

  @ParameterizedTest
  @CsvSource({"constant 3, 3, 3", "uniform 2-4, 2, 4", "uniform 0.5-2.5, 0.5, 2.5", "zipf 5, 1, 5"})
  void drawn_speeds_are_within_their_distribution(String distribution, double low, double high) {
    double[] rates =
        ClockSpeeds.parse(distribution).rates(2_000, new dev.tidings.drift.ExperimentSeed(3));
    assertEquals(low, java.util.Arrays.stream(rates).min().orElseThrow(), 0.01);
    assertEquals(high, java.util.Arrays.stream(rates).max().orElseThrow(), 0.01);
  }

  @Test
  void normal_speeds_have_their_mean_and_deviation() {
    double[] rates =
        ClockSpeeds.parse("normal 5 1").rates(20_000, new dev.tidings.drift.ExperimentSeed(3));
    assertEquals(5, dev.tidings.lab.analysis.Stats.mean(rates), 0.04);
    assertEquals(1, dev.tidings.lab.analysis.Stats.deviation(rates), 0.03);
  }

  @Test
  void in_one_process_the_same_events_happen_at_real_times() throws IOException {
    var options = new ArrayList<>(List.of(EVERYTHING));
    simulate("simulated", EVERYTHING);
    options.addAll(List.of("--exp-name", "real", "--logs", directory.toString()));
    options.addAll(0, List.of("run", "--in-process", "--time-scale", "20"));
    double began = System.currentTimeMillis() / 1e3;
    long beganNanos = System.nanoTime();
    Said said = lab(options.toArray(String[]::new));
    double took = (System.nanoTime() - beganNanos) / 1e9;
    assertEquals(0, said.code(), said.err());
    for (Path log : logs("simulated")) {
      Path real = directory.resolve("real").resolve(log.getFileName());
      assertEquals(withoutTimes(log), withoutTimes(real));
      // Late at most, since the machine may stand still; and not later than the run lasted.
      List<Double> due = times(log);
      List<Double> times = times(real);
      for (int i = 0; i < due.size(); i++) {
        assertTrue(times.get(i) >= began + due.get(i), "event " + i + " of " + real);
        assertTrue(times.get(i) <= began + took * 20 + 1e-3, "event " + i + " of " + real);
      }
    }
    assertTrue(took >= 1, () -> "20 s at 20 times the speed took " + took);
    assertEquals(List.of(), RunAnalysis.of(Run.read(directory.resolve("real"))).violations());
  }

  /** Of the events, in seconds. */
  private static List<Double> times(Path log) throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      return lines
          .map(line -> line.replaceFirst(".*?\"system_clock_time\":([0-9.]+).*", "$1"))
          .map(Double::valueOf)
          .toList();
    }
  }

  private static String withoutTimes(Path log) throws IOException {
    return Files.readString(log).replaceAll("\"system_clock_time\":[0-9.]+", "");
  }

  @Test
  void report_and_export_tell_the_same_events_in_every_form() throws IOException {
    simulate("a", "--seed", "7", "--clock-speeds", "6 5 1", "--run-time", "60");
    String run = directory.resolve("a").toString();
    String to = directory.resolve("reports").toString();
    Said text = lab("report", run, "--format", "html,csv,svg,png", "--to", to);
    assertEquals(0, text.code(), text.err());
    assertTrue(text.out().contains("* Host 3 ticks at 1.00/s, gets "), text.out());
    assertTrue(Files.size(directory.resolve("reports/a.html")) < 10_000_000);
    for (String chart : List.of("clock", "drift", "queue", "age", "jumps", "events", "spacetime")) {
      String svg = Files.readString(directory.resolve("reports/a-" + chart + ".svg"));
      assertTrue(svg.startsWith("<svg ") && svg.length() > 3_000, chart);
      byte[] png = Files.readAllBytes(directory.resolve("reports/a-" + chart + ".png"));
      assertTrue(png.length > 3_000 && png[1] == 'P' && png[2] == 'N' && png[3] == 'G', chart);
    }
    assertTrue(
        Files.readString(directory.resolve("reports/a-hosts.csv"))
            .startsWith("host,rate/s,real/s"));
    Said json = lab("report", run, "--output", "json", "--format", "none");
    var tree = new com.fasterxml.jackson.databind.ObjectMapper().readTree(json.out());
    assertEquals(360, tree.path(0).path("hosts").path(0).path("events").asInt());
    Said hosts = lab("report", run, run, "--output", "csv", "--format", "none");
    List<String> rows = hosts.out().lines().toList();
    assertEquals(1 + 2 * 3, rows.size(), hosts.out());
    for (String row : rows) {
      assertEquals(rows.get(0).split(",", -1).length, row.split(",", -1).length, row);
    }
    assertTrue(rows.get(0).startsWith("run,host,rate/s,real/s,events,"), rows.get(0));
    assertTrue(rows.get(6).startsWith("a,3,1,"), rows.get(6));
    Said csv = lab("export", "csv", run);
    assertEquals(1 + 360 + 300 + 60, csv.out().lines().count());
    Said shiviz = lab("export", "shiviz", run);
    List<String> lines = shiviz.out().lines().toList();
    assertEquals("(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)", lines.get(0));
    assertEquals("", lines.get(1));
    int[] own = new int[4];
    for (int i = 2; i < lines.size(); i += 2) {
      int host = lines.get(i).charAt("host-".length()) - '0';
      own[host]++;
      // ShiViz refuses a log in which a host's own entry does not rise by one.
      assertTrue(
          lines.get(i).matches(".*\"host-" + host + "\":" + own[host] + "[,}].*"), lines.get(i));
    }
    assertArrayEquals(new int[] {0, 360, 300, 60}, own);
    assertEquals(720, eventsThatShiVizReads(shiviz.out()));
  }

  /**
   * As ShiViz reads a file: the first line is the expression, the second the delimiter, the rest
   * the log; JavaScript of before named groups, so it replaces them, and reads clocks as JSON.
   */
  private static int eventsThatShiVizReads(String file) {
    try (var script = org.mozilla.javascript.Context.enter()) {
      var scope = script.initSafeStandardObjects();
      scope.put("file", scope, file);
      return ((Number)
              script.evaluateString(
                  scope,
                  """
                  var start = file.indexOf('\\n', file.indexOf('\\n') + 1);
                  var expression = file.split('\\n')[0].trim();
                  var names = expression.match(/\\(\\?<\\w+>/g).join('');
                  var parser = new RegExp(expression.replace(/\\(\\?<\\w+>/g, '('), 'gm');
                  var log = file.substr(start + 1).trim();
                  var events = 0;
                  for (var match = parser.exec(log); match; match = parser.exec(log)) {
                    if (JSON.parse(match[2])[match[1]] > 0 && match[3].length > 0) { events++; }
                  }
                  names === '(?<host>(?<clock>(?<event>' && file.split('\\n')[1] === '' ? events : -1;
                  """,
                  "shiviz",
                  1,
                  null))
          .intValue();
    }
  }
}
