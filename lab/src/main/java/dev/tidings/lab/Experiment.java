package dev.tidings.lab;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.tidings.drift.TickSchedule;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;

/**
 * What a run is made with; {@code args.json} holds it, by the names that other implementations of
 * the experiment use.
 *
 * @param runTime seconds
 * @param clockSpeeds ticks a second, one for each host
 * @param seed of all chance, 0 to 2^53
 */
@JsonPropertyOrder({"exp_name", "run_time", "prob_internal", "clock_speeds", "hosts", "seed"})
record Experiment(
    @JsonProperty("exp_name") String name,
    @JsonProperty("run_time") BigDecimal runTime,
    @JsonProperty("prob_internal") double probInternal,
    @JsonProperty("clock_speeds") List<BigDecimal> clockSpeeds,
    @JsonProperty("seed") long seed) {
  /** Seeds are below this, so that every JSON reader keeps them exact. */
  static final long SEEDS = 1L << 53;

  Experiment {
    Checks.name(name);
    Checks.probability(probInternal);
    Checks.runTime(duration(runTime));
    Checks.hosts(clockSpeeds.size());
    Checks.seed(seed);
    clockSpeeds.forEach(speed -> new TickSchedule(speed.doubleValue()));
    clockSpeeds = List.copyOf(clockSpeeds);
  }

  @JsonProperty("hosts")
  int hosts() {
    return clockSpeeds.size();
  }

  Duration runDuration() {
    return duration(runTime);
  }

  private static Duration duration(BigDecimal seconds) {
    return Duration.ofMillis(seconds.min(BigDecimal.valueOf(SEEDS)).movePointRight(3).longValue());
  }
}
