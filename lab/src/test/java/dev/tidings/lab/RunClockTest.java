package dev.tidings.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.lab.analysis.Run;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run's time on a machine that does exactly what it is asked to, or stands still for a while. */
final class RunClockTest {
  private static final long SECOND = 1_000_000_000;

  /** Time passes only while somebody waits. */
  private static final class Obedient implements RunClock.Machine {
    private long nanos = -17;
    private long oversleeps;

    @Override
    public Instant now() {
      return Instant.ofEpochSecond(1_000);
    }

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public void park(long parked) {
      assertTrue(parked > 0, "it spins");
      nanos += parked + oversleeps;
      oversleeps = 0;
    }
  }

  private final Obedient machine = new Obedient();
  private final List<Long> looks = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(doubles = {0.3, 1, 20})
  void a_moment_comes_when_it_is_due(double scale) throws InterruptedException {
    var clock = new RunClock(scale, machine);
    for (long due = SECOND / 7; due < 20 * SECOND; due += SECOND / 7) {
      long now = clock.awaitUntil(due, looks::add);
      // A nanosecond of the machine is the least that can be waited for.
      assertTrue(now >= due && now <= due + scale + 1, now + " instead of " + due);
    }
  }

  @Test
  void what_was_due_while_the_machine_stood_still_comes_at_once_and_the_next_in_time()
      throws InterruptedException {
    var clock = new RunClock(2, machine);
    machine.oversleeps = 3 * SECOND;
    assertEquals(6_200_000_000L, clock.awaitUntil(SECOND, looks::add));
    assertEquals(6_200_000_000L, clock.awaitUntil(5 * SECOND, looks::add));
    assertEquals(7 * SECOND, clock.awaitUntil(7 * SECOND, looks::add));
  }

  @Test
  void it_looks_around_every_tenth_of_a_second() throws InterruptedException {
    new RunClock(2, machine).awaitUntil(SECOND, looks::add);
    assertEquals(List.of(0L, 200_000_000L, 400_000_000L, 600_000_000L, 800_000_000L), looks);
  }

  @Test
  void a_run_has_its_events_when_its_hosts_tick(@TempDir Path directory) throws Exception {
    new InProcessRun(SampleRuns.inProcess(null, Map.of()), directory, machine).run();
    Run run = Run.read(directory);
    double[] rates = {6, 5, 2};
    for (int host = 0; host < rates.length; host++) {
      int events = run.hosts().get(host).events().size();
      assertEquals(20 * rates[host], events);
      for (int i = 0; i < events; i++) {
        assertEquals(
            1_000 + i / rates[host],
            run.hosts().get(host).events().get(i).systemSeconds(),
            2e-6,
            "event " + i);
      }
    }
  }
}
