package dev.tidings.lab;

import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.LinkModel;
import dev.tidings.drift.TickSchedule;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/client --role host}: one host of the drift experiment, as a process. */
@Command(
    name = "client --role host",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = "Runs one host of the drift experiment; it starts when all hosts have joined.",
    footer = {
      "",
      "Example: bin/client --role host --id 1 --router 127.0.0.1:8200 --ticks-per-second 6"
    })
public final class HostCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(HostCommand.class);

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Option(
      names = "--id",
      required = true,
      paramLabel = "N",
      description = "The host's number, 1 or more.")
  private int id;

  @Option(
      names = "--router",
      defaultValue = "127.0.0.1:8200",
      paramLabel = "HOST:PORT",
      description = "Default: ${DEFAULT-VALUE}.")
  private String router = "";

  @Option(
      names = "--ticks-per-second",
      required = true,
      paramLabel = "R",
      description = "The host's rate, 0.001 to 1000; need not be whole.")
  private double ticksPerSecond;

  @Option(
      names = "--experiment",
      defaultValue = "drift",
      paramLabel = "NAME",
      description = "Hosts of different experiments never meet. Default: ${DEFAULT-VALUE}.")
  private String experiment = "";

  @Option(
      names = "--hosts",
      defaultValue = "0",
      paramLabel = "N",
      description = "How many hosts the run waits for. Default: what the router was started with.")
  private int hosts;

  @Option(
      names = "--prob-internal",
      defaultValue = "0.7",
      paramLabel = "P",
      description =
          "How likely a tick without a message is an internal event, 0 to 1. Default: ${DEFAULT-VALUE}.")
  private double probInternal;

  @Option(
      names = "--run-time",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description = "How long the host ticks. Default: ${DEFAULT-VALUE}.")
  private double runTimeSeconds;

  @Option(names = "--seed", paramLabel = "N", description = "Of all chance. Default: drawn.")
  private @Nullable Long seed;

  @Option(
      names = "--link-delay",
      defaultValue = "0",
      paramLabel = "DELAY",
      description =
          "How long messages to this host are under way, on top of the real network: \"50ms\", \"uniform 10ms-50ms\","
              + " \"exponential 30ms\". Default: ${DEFAULT-VALUE}.")
  private String linkDelay = "0";

  @Option(
      names = "--loss",
      defaultValue = "0",
      paramLabel = "P",
      description =
          "How likely a message to this host gets lost, 0 to 1. Default: ${DEFAULT-VALUE}.")
  private double loss;

  @Option(
      names = "--others",
      paramLabel = "K",
      description = "How many others the host knows, drawn from the seed. Default: all.")
  private @Nullable Integer others;

  @Option(
      names = "--tick-jitter",
      defaultValue = "0",
      paramLabel = "J",
      description =
          "How late a tick may be, as a part of the time between two ticks, 0 to 1. Default: ${DEFAULT-VALUE}.")
  private double tickJitter;

  @Option(
      names = "--start",
      defaultValue = "0",
      paramLabel = "SECONDS",
      description = "How long after the others the host starts. Default: ${DEFAULT-VALUE}.")
  private double startSeconds;

  @Option(
      names = "--time-scale",
      defaultValue = "1",
      paramLabel = "S",
      description = "So many seconds of the run pass in a real one. Default: ${DEFAULT-VALUE}.")
  private BigDecimal timeScale = BigDecimal.ONE;

  @Option(
      names = "--host",
      paramLabel = "COMMAND",
      description = "A program that is ticked in place of our host; docs/lab.md tells how.")
  private @Nullable String command;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description =
          "Where events are written, one JSON object a line; must not exist. Default: told on the terminal.")
  private @Nullable Path log;

  @Option(
      names = "--connect-timeout",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description = "How long to wait for the router to come up. Default: ${DEFAULT-VALUE}.")
  private int connectTimeoutSeconds;

  /** Runs it with these arguments, and returns the exit code. */
  public static int run(String... arguments) {
    return LabMain.execute(new HostCommand(), arguments);
  }

  @Override
  public Integer call() throws InterruptedException {
    HostConfig config;
    try {
      long usedSeed = seed == null ? new SecureRandom().nextLong(Experiment.SEEDS) : seed;
      Checks.jitter(tickJitter);
      Checks.loss(loss);
      Checks.timeScale(timeScale);
      if (others != null && hosts > 0) {
        Checks.others(others, hosts);
      }
      config =
          new HostConfig(
              id,
              router,
              new TickSchedule(
                  Math.max(1, id),
                  ticksPerSecond,
                  tickJitter,
                  Math.round(startSeconds * 1e9),
                  new ExperimentSeed(usedSeed)),
              experiment,
              hosts,
              probInternal,
              Duration.ofMillis(Math.round(runTimeSeconds * 1_000)),
              usedSeed,
              new LinkModel(Delays.parse(linkDelay), loss),
              others == null || others == hosts - 1 ? OptionalInt.empty() : OptionalInt.of(others),
              timeScale.doubleValue(),
              Optional.ofNullable(command),
              Optional.ofNullable(log),
              Duration.ofSeconds(connectTimeoutSeconds));
    } catch (IllegalArgumentException e) {
      if (spec == null) {
        throw e;
      }
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    try {
      if (config.timeScale() > 1) {
        Rehearsal.of(config);
      }
      new HostRunner(config).run();
      return 0;
    } catch (LabException e) {
      LOG.error("{}", e.getMessage());
      return 1;
    }
  }
}
