package dev.tidings.lab;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.LinkModel;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run is made with; {@code args.json} holds it, by the names that other implementations of
 * the experiment use.
 *
 * @param runTime seconds
 * @param seed of all chance, 0 to 2^53
 * @param linkDelay as {@link Delays} has it
 * @param others how many others each host knows
 * @param tickJitter how late a tick may be, as a part of the time between two ticks
 * @param timeScale how many seconds of the run pass in a second of real time; null if simulated
 * @param hostCommand the program that is ticked in place of our host; null for ours
 * @param overrides what single hosts have otherwise
 */
@JsonPropertyOrder({
  "exp_name",
  "mode",
  "run_time",
  "prob_internal",
  "clock_speeds",
  "hosts",
  "seed",
  "link_delay",
  "loss",
  "others",
  "tick_jitter",
  "time_scale",
  "host_command",
  "overrides"
})
@JsonInclude(JsonInclude.Include.NON_NULL)
record Experiment(
    @JsonProperty("exp_name") String name,
    @JsonProperty("mode") Mode mode,
    @JsonProperty("run_time") BigDecimal runTime,
    @JsonProperty("prob_internal") double probInternal,
    @JsonProperty("clock_speeds") ClockSpeeds clockSpeeds,
    @JsonProperty("hosts") int hosts,
    @JsonProperty("seed") long seed,
    @JsonProperty("link_delay") String linkDelay,
    @JsonProperty("loss") double loss,
    @JsonProperty("others") int others,
    @JsonProperty("tick_jitter") double tickJitter,
    @JsonProperty("time_scale") @Nullable BigDecimal timeScale,
    @JsonProperty("host_command") @Nullable String hostCommand,
    @JsonProperty("overrides") Map<Integer, HostOverride> overrides) {
  /** Seeds are below this, so that every JSON reader keeps them exact. */
  static final long SEEDS = 1L << 53;

  Experiment {
    Checks.name(name);
    Checks.probability(probInternal);
    Checks.runTime(duration(runTime));
    Checks.hosts(mode, hosts);
    Checks.seed(seed);
    Checks.others(others, hosts);
    Checks.jitter(tickJitter);
    Checks.loss(loss);
    if (!clockSpeeds.list().isEmpty() && clockSpeeds.list().size() != hosts) {
      throw new IllegalArgumentException(
          "there are %d hosts and %d clock speeds; each host has one"
              .formatted(hosts, clockSpeeds.list().size()));
    }
    linkDelay = Delays.format(Delays.parse(linkDelay));
    if (timeScale != null) {
      Checks.timeScale(timeScale);
    }
    if (hostCommand != null) {
      Checks.command(hostCommand);
    }
    overrides = new TreeMap<>(overrides);
    for (int host : overrides.keySet()) {
      Checks.overridden(host, hosts);
    }
    if (mode == Mode.SIMULATED) {
      boolean hasPrograms =
          hostCommand != null
              || overrides.values().stream().anyMatch(override -> override.hostCommand() != null);
      Checks.noPrograms(hasPrograms);
    }
  }

  /** The same under another name. */
  Experiment named(String newName) {
    return new Experiment(
        newName,
        mode,
        runTime,
        probInternal,
        clockSpeeds,
        hosts,
        seed,
        linkDelay,
        loss,
        others,
        tickJitter,
        timeScale,
        hostCommand,
        overrides);
  }

  /** How many seconds of the run pass in a second of real time. */
  double scale() {
    return timeScale == null ? 1 : timeScale.doubleValue();
  }

  /** The program that is ticked in place of our host; null for ours. */
  @Nullable String hostCommand(int id) {
    HostOverride override = overrides.get(id);
    return override != null && override.hostCommand() != null
        ? override.hostCommand()
        : hostCommand;
  }

  Duration runDuration() {
    return duration(runTime);
  }

  LinkModel link() {
    return new LinkModel(Delays.parse(linkDelay), loss);
  }

  /** The experiment as the core has it. */
  DriftSetup setup() {
    var drawn = new ExperimentSeed(seed);
    double[] rates = clockSpeeds.rates(hosts, drawn);
    double[] probabilities = {probInternal};
    long[] starts = {};
    if (!overrides.isEmpty()) {
      probabilities = new double[hosts];
      Arrays.fill(probabilities, probInternal);
      starts = new long[hosts];
    }
    for (var entry : overrides.entrySet()) {
      int at = entry.getKey() - 1;
      HostOverride override = entry.getValue();
      if (override.clockSpeed() != null) {
        rates[at] = override.clockSpeed().doubleValue();
      }
      if (override.probInternal() != null) {
        probabilities[at] = override.probInternal();
      }
      if (override.start() != null) {
        starts[at] = override.start().movePointRight(9).longValue();
      }
    }
    return new DriftSetup(drawn, rates, probabilities, starts, others, link(), tickJitter);
  }

  private static Duration duration(BigDecimal seconds) {
    return Duration.ofMillis(seconds.min(BigDecimal.valueOf(SEEDS)).movePointRight(3).longValue());
  }
}
