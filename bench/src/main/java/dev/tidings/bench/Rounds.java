package dev.tidings.bench;

import dev.tidings.bench.load.Client;
import dev.tidings.bench.load.ClosedLoop;
import dev.tidings.bench.load.LoadFailedException;
import dev.tidings.bench.load.Observed;
import dev.tidings.bench.load.WarmUp;
import dev.tidings.bench.results.Column;
import dev.tidings.bench.results.Ratio;
import dev.tidings.bench.results.Row;
import dev.tidings.bench.servers.ServerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * Contestants take turns, A B C A B C, so that what else the machine does bends all alike. A
 * contestant whose requests fail takes part no further.
 */
final class Rounds {
  /**
   * One who takes turns.
   *
   * @param operations how many a request stands for
   * @param servers whose processor time counts
   */
  record Entrant(String name, List<Client> clients, int operations, List<ServerProcess> servers) {}

  /** What was seen of one contestant. */
  static final class Course {
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> micros = new ArrayList<>();
    private final List<Double> p50 = new ArrayList<>();
    private final List<Double> p99 = new ArrayList<>();
    private String failure = "";

    /** Operations a second, in each round. */
    List<Double> rates() {
      return rates;
    }

    /** Microseconds of the servers' processors for an operation, in each round. */
    List<Double> micros() {
      return micros;
    }

    boolean failed() {
      return !failure.isEmpty();
    }

    double rate() {
      return Ratio.median(rates);
    }

    Row row(String name) {
      if (failed()) {
        return Row.without(name, failure);
      }
      var rounds = new TreeMap<String, List<Double>>();
      rounds.put(Column.RATE.key(), rates);
      rounds.put(Column.CPU.key(), micros);
      rounds.put(Column.P50.key(), p50);
      rounds.put(Column.P99.key(), p99);
      var figures = new TreeMap<String, Double>();
      rounds.forEach((key, values) -> figures.put(key, Ratio.median(values)));
      return new Row(name, figures, rounds, "");
    }
  }

  private Rounds() {}

  /**
   * Warms all up, one after the other, and then lets them take turns.
   *
   * @param isAlternating whether every second round goes the other way, A B B A
   */
  static Map<String, Course> run(
      List<Entrant> entrants, WarmUp warmUp, int rounds, Duration round, boolean isAlternating)
      throws InterruptedException {
    var courses = new LinkedHashMap<String, Course>();
    entrants.forEach(entrant -> courses.put(entrant.name(), new Course()));
    for (int i = -1; i < rounds; i++) {
      var order = new ArrayList<>(entrants);
      if (isAlternating && i % 2 != 0) {
        Collections.reverse(order);
      }
      for (Entrant entrant : order) {
        Course course = courses.get(entrant.name());
        if (course == null || course.failed()) {
          continue;
        }
        try {
          if (i < 0) {
            warmUp.run(entrant.clients(), entrant.operations());
          } else {
            take(entrant, round, course);
          }
        } catch (LoadFailedException e) {
          course.failure = "failed: " + e.getMessage();
        }
      }
    }
    return courses;
  }

  private static void take(Entrant entrant, Duration round, Course course)
      throws InterruptedException {
    long before = processorNanos(entrant);
    Observed seen = ClosedLoop.run(entrant.clients(), round);
    long used = processorNanos(entrant) - before;
    Histogram latencies = seen.latencies();
    course.rates.add(seen.requestsPerSecond() * entrant.operations());
    // All that was answered, after the time that was taken too: the servers worked for that as
    // well.
    course.micros.add(used / 1e3 / (latencies.getTotalCount() * (double) entrant.operations()));
    course.p50.add(seen.millisAt(50));
    course.p99.add(seen.millisAt(99));
  }

  private static long processorNanos(Entrant entrant) {
    return entrant.servers().stream().mapToLong(server -> server.processorTime().toNanos()).sum();
  }
}
