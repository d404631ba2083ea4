package dev.tidings.lab;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tidings.drift.ExperimentSeed;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bin/lab run}: the experiment as processes over the real router. */
@Command(
    name = "run",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = "Starts a router and a process for each host, and tells what their logs come to.",
    footer = {
      "",
      "Example: bin/lab run --clock-speeds \"6 5 1\" --run-time 60 --exp-name slow-third"
    })
final class RunCommand implements Callable<Integer> {
  private static final int DEFAULT_HOSTS = 3;
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("'drift-'yyyyMMdd-HHmmss", Locale.ROOT);

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description =
          "Options in YAML: exp_name, run_time, prob_internal, clock_speeds, hosts, seed. The command line comes on top.")
  private @Nullable Path file;

  @Option(names = "--exp-name", paramLabel = "NAME", description = "Default: drift- and the time.")
  private @Nullable String name;

  @Option(names = "--run-time", paramLabel = "SECONDS", description = "Default: 30.")
  private @Nullable BigDecimal runTime;

  @Option(
      names = "--clock-speeds",
      paramLabel = "\"R R …\"",
      description =
          "Ticks a second, 0.001 to 1000, one for each host. Default: whole numbers from 1 to 6, drawn from the seed.")
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
      description = "Default: as many as clock speeds, or 3.")
  private @Nullable Integer hosts;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of all chance, 0 to 2^53. Default: drawn.")
  private @Nullable Long seed;

  @Option(
      names = "--router-port",
      defaultValue = "8200",
      paramLabel = "PORT",
      description = "On loopback. Default: ${DEFAULT-VALUE}.")
  private int routerPort;

  @Option(
      names = "--logs",
      defaultValue = "logs",
      paramLabel = "DIR",
      description =
          "The run's logs go into a directory of its name in here. Default: ${DEFAULT-VALUE}.")
  private Path logs = Path.of("logs");

  @Override
  public Integer call() throws InterruptedException {
    Experiment experiment;
    try {
      experiment = experiment();
    } catch (IllegalArgumentException e) {
      if (spec == null) {
        throw e;
      }
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    try {
      Path directory = newDirectory(experiment);
      System.out.printf(
          "%s: %d hosts at %s ticks/s for %s s, seed %d; logs in %s%n",
          experiment.name(),
          experiment.hosts(),
          experiment.clockSpeeds(),
          experiment.runTime(),
          experiment.seed(),
          directory);
      List<String> failures = new ProcessRun(experiment, directory, routerPort).run();
      System.out.println(RunTable.of(experiment, directory));
      failures.forEach(failure -> System.err.println("lab: " + failure));
      return failures.isEmpty() ? 0 : 1;
    } catch (LabException e) {
      System.err.println("lab: " + e.getMessage());
      return 1;
    } catch (IOException e) {
      System.err.println("lab: cannot write the logs: " + e.getMessage());
      return 1;
    }
  }

  private Experiment experiment() {
    Checks.port(routerPort);
    RunFile given = file == null ? RunFile.EMPTY : RunFile.read(file);
    Long wantedSeed = seed != null ? seed : given.seed();
    long usedSeed = wantedSeed != null ? wantedSeed : new SecureRandom().nextLong(Experiment.SEEDS);
    Checks.seed(usedSeed);
    List<BigDecimal> speeds = clockSpeeds != null ? parse(clockSpeeds) : given.clockSpeeds();
    Integer wantedHosts = hosts != null ? hosts : given.hosts();
    if (speeds == null) {
      int count = wantedHosts != null ? wantedHosts : DEFAULT_HOSTS;
      Checks.hosts(count);
      speeds = new ArrayList<>();
      for (int speed : new ExperimentSeed(usedSeed).clockSpeeds(count)) {
        speeds.add(BigDecimal.valueOf(speed));
      }
    } else if (wantedHosts != null && wantedHosts != speeds.size()) {
      throw new IllegalArgumentException(
          "there are %d hosts and %d clock speeds; each host has one"
              .formatted(wantedHosts, speeds.size()));
    }
    String wantedName = name != null ? name : given.name();
    BigDecimal wantedTime = runTime != null ? runTime : given.runTime();
    Double wantedProbability = probInternal != null ? probInternal : given.probInternal();
    return new Experiment(
        wantedName != null ? wantedName : NAME.format(LocalDateTime.now(ZoneId.systemDefault())),
        wantedTime != null ? wantedTime : BigDecimal.valueOf(30),
        wantedProbability != null ? wantedProbability : 0.7,
        speeds,
        usedSeed);
  }

  private static List<BigDecimal> parse(String speeds) {
    var all = new ArrayList<BigDecimal>();
    for (String speed : speeds.strip().split("[\\s,]+", -1)) {
      try {
        all.add(new BigDecimal(speed));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "clock speeds are numbers with spaces or commas between them, such as \"6 5 1\", not \"%s\""
                .formatted(speeds),
            e);
      }
    }
    return all;
  }

  private Path newDirectory(Experiment experiment) throws IOException {
    Path directory = logs.resolve(experiment.name());
    if (Files.exists(directory)) {
      throw new LabException(
          "%s exists already; choose another --exp-name, or remove it".formatted(directory));
    }
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("args.json"),
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(experiment)
            + "\n");
    return directory;
  }
}
