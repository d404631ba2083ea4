package dev.tidings.drift;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.drift.LinkModel.Delay;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SimulationTest {
  private static final long MILLIS = 1_000_000;

  /** One event, in whichever way it came about. */
  private record Seen(
      String type,
      int host,
      long nanos,
      long lamport,
      int queue,
      int from,
      int target,
      long sentLamport,
      long sentNanos) {}

  /** Notes each part's events in a list of its own. */
  private static SimulationSink notes(List<Seen> seen) {
    return new SimulationSink() {
      @Override
      public void internal(int host, long nanos, long lamport) {
        seen.add(new Seen("INTERNAL", host, nanos, lamport, 0, 0, 0, 0, 0));
      }

      @Override
      public void send(int host, long nanos, long lamport, int tick, int target) {
        seen.add(new Seen("SEND", host, nanos, lamport, 0, host, target, lamport, nanos));
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
        seen.add(
            new Seen("RECEIVE", host, nanos, lamport, queue, from, target, sentLamport, sentNanos));
      }
    };
  }

  private static List<Seen> simulate(DriftSetup setup, int parts, long endNanos) {
    var seen = new ArrayList<List<Seen>>();
    for (int i = 0; i < parts; i++) {
      seen.add(new ArrayList<>());
    }
    new Simulation(setup, parts, i -> notes(seen.get(i))).run(endNanos);
    return seen.stream()
        .flatMap(List::stream)
        .sorted(Comparator.comparingLong(Seen::nanos).thenComparingInt(Seen::host))
        .toList();
  }

  private record Flight(long arrival, int from, long event, int to, DriftMessage message) {}

  /** The same run by the hosts themselves, one object each, with nothing clever about it. */
  private static List<Seen> byHosts(DriftSetup setup, long endNanos) {
    int n = setup.hosts();
    var hosts = new ArrayList<DriftHost>();
    long[] events = new long[n];
    for (int id = 1; id <= n; id++) {
      hosts.add(setup.newHost(id));
    }
    var flights =
        new PriorityQueue<>(
            Comparator.comparingLong(Flight::arrival)
                .thenComparingInt(Flight::from)
                .thenComparingLong(Flight::event));
    var seen = new ArrayList<Seen>();
    while (true) {
      int next = 1;
      for (int id = 2; id <= n; id++) {
        if (setup.schedule(id).dueNanos(events[id - 1])
            < setup.schedule(next).dueNanos(events[next - 1])) {
          next = id;
        }
      }
      long now = setup.schedule(next).dueNanos(events[next - 1]);
      if (now >= endNanos) {
        return seen;
      }
      while (!flights.isEmpty() && flights.element().arrival() < now) {
        Flight landed = flights.remove();
        hosts.get(landed.to() - 1).deliver(landed.message());
      }
      DriftEvent event = hosts.get(next - 1).tick(now);
      long number = events[next - 1]++;
      DriftMessage message = event.message();
      seen.add(
          new Seen(
              event.type().name(),
              next,
              now,
              event.lamportTime(),
              event.queueLength(),
              message == null ? 0 : message.from(),
              message == null ? 0 : message.target(),
              message == null ? 0 : message.lamportTime(),
              message == null ? 0 : message.sentAtMicros()));
      if (message != null && event.type() == DriftEvent.Type.SEND) {
        for (int to : event.to()) {
          if (!setup.link().loses(setup.seed(), next, number, to)) {
            long delay = setup.link().delayNanos(setup.seed(), next, number, to);
            flights.add(new Flight(now + delay, next, number, to, message));
          }
        }
      }
    }
  }

  private static DriftSetup randomSetup(SplittableRandom random, boolean isDelayed) {
    int n = random.nextInt(1, 14);
    double[] rates = random.doubles(n, 1, 7).toArray();
    if (random.nextBoolean()) {
      // In step: many ticks at one moment.
      rates = random.ints(n, 1, 4).asDoubleStream().toArray();
    }
    if (random.nextInt(4) == 0) {
      rates[0] = random.nextBoolean() ? 300 : 0.2;
    }
    double[] p = random.nextBoolean() ? new double[] {0.4} : random.doubles(n).toArray();
    long[] starts =
        random.nextBoolean() ? new long[0] : random.longs(n, 0, 3_000 * MILLIS).toArray();
    long min = isDelayed || random.nextBoolean() ? random.nextInt(1, 500) * MILLIS : 0;
    Delay delay =
        switch (random.nextInt(3)) {
          case 0 -> new Delay(Delay.Shape.CONSTANT, min, 0);
          case 1 -> new Delay(Delay.Shape.UNIFORM, min, 700 * MILLIS);
          default -> new Delay(Delay.Shape.EXPONENTIAL, min, 300 * MILLIS);
        };
    return new DriftSetup(
        new ExperimentSeed(random.nextLong(1L << 53)),
        rates,
        p,
        starts,
        random.nextBoolean() ? n - 1 : random.nextInt(n),
        new LinkModel(delay, random.nextBoolean() ? 0 : 0.3),
        random.nextBoolean() ? 0 : random.nextDouble());
  }

  @Test
  void arrays_do_event_for_event_what_the_hosts_do() {
    for (int seed = 0; seed < 300; seed++) {
      DriftSetup setup = randomSetup(new SplittableRandom(seed), false);
      assertEquals(
          byHosts(setup, 8_000 * MILLIS), simulate(setup, 1, 8_000 * MILLIS), "seed " + seed);
    }
  }

  @Test
  void several_parts_give_the_same_events_as_one() {
    for (int seed = 0; seed < 300; seed++) {
      DriftSetup setup = randomSetup(new SplittableRandom(seed), true);
      for (int parts : new int[] {2, 3, 5}) {
        assertEquals(
            simulate(setup, 1, 8_000 * MILLIS),
            simulate(setup, parts, 8_000 * MILLIS),
            "seed " + seed + ", parts " + parts);
      }
    }
  }

  @Test
  void totals_are_the_same_however_many_parts_there_are() {
    for (int seed = 0; seed < 100; seed++) {
      DriftSetup setup = randomSetup(new SplittableRandom(seed), true);
      var one = new Simulation(setup, 1, i -> SimulationSink.NONE);
      var three = new Simulation(setup, 3, i -> SimulationSink.NONE);
      one.run(8_000 * MILLIS);
      three.run(8_000 * MILLIS);
      for (int id = 1; id <= setup.hosts(); id++) {
        assertEquals(one.totals(id), three.totals(id), "seed " + seed + ", host " + id);
      }
    }
  }

  @Test
  void totals_are_what_the_events_add_up_to() {
    for (int seed = 0; seed < 100; seed++) {
      DriftSetup setup = randomSetup(new SplittableRandom(seed), true);
      var seen = new ArrayList<Seen>();
      var simulation = new Simulation(setup, 1, i -> notes(seen));
      simulation.run(8_000 * MILLIS);
      assertEquals(seen.size(), simulation.events());
      for (int id = 1; id <= setup.hosts(); id++) {
        int host = id;
        List<Seen> own = seen.stream().filter(event -> event.host() == host).toList();
        long clock = 0;
        long largestJump = 0;
        int largestQueue = 0;
        for (Seen event : own) {
          largestJump = Math.max(largestJump, event.lamport() - clock);
          clock = event.lamport();
          largestQueue = Math.max(largestQueue, event.queue());
        }
        Simulation.HostTotals totals = simulation.totals(id);
        assertEquals(own.size(), totals.events());
        assertEquals(count(own, "RECEIVE"), totals.receives());
        assertEquals(count(own, "SEND"), totals.sends());
        assertEquals(count(own, "INTERNAL"), totals.internals());
        assertEquals(clock, totals.finalClock());
        assertEquals(largestJump, totals.largestJump());
        assertEquals(largestQueue, totals.largestQueue());
      }
    }
  }

  private static long count(List<Seen> events, String type) {
    return events.stream().filter(event -> event.type().equals(type)).count();
  }

  @Test
  void delays_and_losses_are_as_the_link_says() {
    var seed = new ExperimentSeed(4);
    var link = new LinkModel(new Delay(Delay.Shape.EXPONENTIAL, 10 * MILLIS, 50 * MILLIS), 0.2);
    var uniform = new LinkModel(new Delay(Delay.Shape.UNIFORM, 10 * MILLIS, 50 * MILLIS), 0);
    int draws = 100_000;
    double sum = 0;
    double uniformSum = 0;
    int lost = 0;
    for (int event = 0; event < draws; event++) {
      long delay = link.delayNanos(seed, 1, event, 2);
      assertTrue(delay >= 10 * MILLIS);
      sum += delay;
      uniformSum += uniform.delayNanos(seed, 1, event, 2);
      lost += link.loses(seed, 1, event, 2) ? 1 : 0;
    }
    // Five standard deviations.
    assertEquals(60, sum / draws / MILLIS, 5 * 50 / Math.sqrt(draws));
    assertEquals(35, uniformSum / draws / MILLIS, 5 * 50 / Math.sqrt(12.0 * draws));
    assertEquals(0.2 * draws, lost, 5 * Math.sqrt(draws * 0.16));
  }

  @Test
  void hosts_whose_messages_take_no_time_are_not_cut_into_parts() {
    var setup =
        new DriftSetup(
            new ExperimentSeed(1),
            new double[] {1, 2},
            new double[] {0.5},
            new long[0],
            1,
            LinkModel.PERFECT,
            0);
    assertThrows(
        IllegalArgumentException.class, () -> new Simulation(setup, 2, i -> SimulationSink.NONE));
  }
}
