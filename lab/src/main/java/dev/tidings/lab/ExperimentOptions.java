package dev.tidings.lab;

import dev.tidings.drift.ExperimentSeed;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that make an experiment, however it is run. */
final class ExperimentOptions {
  /** So many speeds {@code args.json} lists; of more it tells the distribution. */
  static final int LISTED_SPEEDS = 1_000;

  private static final int DEFAULT_HOSTS = 3;
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("'drift-'yyyyMMdd-HHmmss", Locale.ROOT);

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "Options in YAML: " + RunFile.KEYS + ". The command line comes on top.")
  private @Nullable Path file;

  @Option(names = "--exp-name", paramLabel = "NAME", description = "Default: drift- and the time.")
  private @Nullable String name;

  @Option(
      names = "--run-time",
      paramLabel = "SECONDS",
      description = "How long, 0.001 to 86400. Default: 30.")
  private @Nullable BigDecimal runTime;

  @Option(
      names = "--clock-speeds",
      paramLabel = "SPEEDS",
      description =
          "Ticks a second, 0.001 to 1000, one for each host: \"6 5 1\"; or drawn from the seed: \"uniform 1-6\" (the"
              + " default; whole numbers if both ends are), \"constant 3\", \"normal MEAN DEVIATION\", \"zipf HIGHEST"
              + " EXPONENT\" (1 the most frequent).")
  private @Nullable String clockSpeeds;

  @Option(
      names = "--prob-internal",
      paramLabel = "P",
      description =
          "How likely a tick without a message is an internal event, 0 to 1. Default: 0.7.")
  private @Nullable Double probInternal;

  @Option(
      names = "--hosts",
      paramLabel = "N",
      description = "How many hosts, 1 or more. Default: as many as clock speeds, or 3.")
  private @Nullable Integer hosts;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of all chance, 0 to 2^53. Default: drawn.")
  private @Nullable Long seed;

  @Option(
      names = "--link-delay",
      paramLabel = "DELAY",
      description =
          "How long messages are under way: 0, \"50ms\", \"uniform 10ms-50ms\", \"exponential 30ms\". Default: 0.")
  private @Nullable String linkDelay;

  @Option(
      names = "--loss",
      paramLabel = "P",
      description = "How likely a message gets lost, 0 to 1. Default: 0.")
  private @Nullable Double loss;

  @Option(
      names = "--others",
      paramLabel = "K",
      description = "How many others each host knows, drawn from the seed. Default: all.")
  private @Nullable Integer others;

  @Option(
      names = "--tick-jitter",
      paramLabel = "J",
      description =
          "How late a tick may be, as a part of the time between two ticks, 0 to 1. Default: 0.")
  private @Nullable Double tickJitter;

  @Option(
      names = "--override",
      paramLabel = "OVERRIDE",
      description =
          "What one host has otherwise, such as \"3: clock_speed=2 prob_internal=0.1 start=5\" (it starts 5 s"
              + " late), or in real time \"3: host_command=python3 mine.py\" (to the end of the text); may be repeated.")
  private List<String> overrides = List.of();

  @Option(
      names = "--logs",
      defaultValue = "logs",
      paramLabel = "DIR",
      description =
          "The run's logs go into a directory of its name in here. Default: ${DEFAULT-VALUE}.")
  private Path logs = Path.of("logs");

  Path logs() {
    return logs;
  }

  /**
   * What was given here and in the file, with defaults for the rest.
   *
   * @param timeScale null where it was not given
   * @param hostCommand null where it was not given
   * @throws IllegalArgumentException if a value is not allowed; with one line that says what is
   */
  Experiment experiment(Mode mode, @Nullable BigDecimal timeScale, @Nullable String hostCommand) {
    RunFile given = file == null ? RunFile.EMPTY : RunFile.read(file);
    Long wantedSeed = first(seed, given.seed());
    long usedSeed = wantedSeed != null ? wantedSeed : new SecureRandom().nextLong(Experiment.SEEDS);
    Checks.seed(usedSeed);
    ClockSpeeds speeds =
        Objects.requireNonNullElse(
            first(clockSpeeds == null ? null : ClockSpeeds.parse(clockSpeeds), given.clockSpeeds()),
            ClockSpeeds.DEFAULT);
    int usedHosts =
        Objects.requireNonNullElse(
            first(hosts, given.hosts()),
            speeds.list().isEmpty() ? DEFAULT_HOSTS : speeds.list().size());
    Checks.hosts(mode, usedHosts);
    if (speeds.list().isEmpty() && usedHosts <= LISTED_SPEEDS) {
      speeds = speeds.listed(usedHosts, new ExperimentSeed(usedSeed));
    }
    var allOverrides = new HashMap<Integer, HostOverride>();
    if (given.overrides() != null) {
      allOverrides.putAll(given.overrides());
    }
    for (String override : overrides) {
      var entry = HostOverride.parse(override);
      allOverrides.put(entry.getKey(), entry.getValue());
    }
    return new Experiment(
        Objects.requireNonNullElseGet(first(name, given.name()), this::unusedName),
        mode,
        Objects.requireNonNullElse(first(runTime, given.runTime()), BigDecimal.valueOf(30)),
        Objects.requireNonNullElse(first(probInternal, given.probInternal()), 0.7),
        speeds,
        usedHosts,
        usedSeed,
        Objects.requireNonNullElse(first(linkDelay, given.linkDelay()), "0"),
        Objects.requireNonNullElse(first(loss, given.loss()), 0.0),
        Objects.requireNonNullElse(first(others, given.others()), usedHosts - 1),
        Objects.requireNonNullElse(first(tickJitter, given.tickJitter()), 0.0),
        mode == Mode.SIMULATED
            ? null
            : Objects.requireNonNullElse(first(timeScale, given.timeScale()), BigDecimal.ONE),
        first(hostCommand, given.hostCommand()),
        allOverrides);
  }

  /** The time, and a number if there was a run in the same second. */
  private String unusedName() {
    String time = NAME.format(LocalDateTime.now(ZoneId.systemDefault()));
    String unused = time;
    for (int i = 2; Files.exists(logs.resolve(unused)); i++) {
      unused = time + "-" + i;
    }
    return unused;
  }

  private static <T> @Nullable T first(@Nullable T a, @Nullable T b) {
    return a != null ? a : b;
  }
}
