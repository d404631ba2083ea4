package dev.tidings.lab.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.Simulation;
import dev.tidings.drift.SimulationSink;
import dev.tidings.lab.LabException;
import dev.tidings.lab.analysis.RunAnalysis;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * Runs all points of a grid with all seeds, several at a time. Each run's outcome is a line in a
 * file as soon as it is there, so that after Ctrl-C the same sweep goes on where it was.
 */
public final class Sweep {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long STOP_SECONDS = 10;

  private final List<Point> points;
  private final int seeds;
  private final Path file;
  private final Setups setups;
  private final Optional<RealTime> realTime;

  /** A point and a seed as the core has them. */
  public interface Setups {
    DriftSetup of(Point point, long seed);
  }

  /** Carries a run out in real time, and tells what its logs say. */
  public interface RealTime {
    RunAnalysis run(Point point, long seed) throws IOException, InterruptedException;
  }

  /**
   * @param seeds each point is run with the seeds 1 to this
   * @param file of outcomes, one JSON object a line; need not exist
   * @param realTime empty for virtual time
   */
  public Sweep(
      List<Point> points, int seeds, Path file, Setups setups, Optional<RealTime> realTime) {
    this.points = List.copyOf(points);
    this.seeds = seeds;
    this.file = file;
    this.setups = setups;
    this.realTime = realTime;
  }

  /** How many runs there are in all. */
  public int size() {
    return points.size() * seeds;
  }

  private record Task(Point point, long seed) {
    String key() {
      return point.key(seed);
    }
  }

  /**
   * Runs what is not there yet.
   *
   * @param done is told how many runs are there, those of before included, after each
   * @return each point's outcomes
   */
  public Map<Point, List<Outcome>> run(int threads, IntConsumer done)
      throws IOException, InterruptedException {
    Map<String, Outcome> outcomes = read();
    var tasks = new ArrayList<Task>();
    int there = 0;
    for (Point point : points) {
      for (long seed = 1; seed <= seeds; seed++) {
        var task = new Task(point, seed);
        if (outcomes.containsKey(task.key())) {
          there++;
        } else {
          tasks.add(task);
        }
      }
    }
    done.accept(there);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    CompletionService<Outcome> completion = new ExecutorCompletionService<>(pool);
    try (BufferedWriter out =
        Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      tasks.forEach(task -> completion.submit(() -> run(task)));
      for (int i = 1; i <= tasks.size(); i++) {
        Outcome outcome = completion.take().get();
        outcomes.put(outcome.key(), outcome);
        out.write(JSON.writeValueAsString(outcome));
        out.newLine();
        out.flush();
        done.accept(there + i);
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LabException problem) {
        throw problem;
      }
      throw new LabException("a run failed: " + e.getCause(), e);
    } finally {
      pool.shutdownNow();
      // Runs in real time end what they started.
      pool.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    }
    Map<Point, List<Outcome>> byPoint = new HashMap<>();
    for (Point point : points) {
      var all = new ArrayList<Outcome>();
      for (long seed = 1; seed <= seeds; seed++) {
        Outcome outcome = outcomes.get(point.key(seed));
        if (outcome != null) {
          all.add(outcome);
        }
      }
      byPoint.put(point, all);
    }
    return byPoint;
  }

  private Outcome run(Task task) throws IOException, InterruptedException {
    DriftSetup setup = setups.of(task.point(), task.seed());
    double seconds = task.point().seconds();
    if (realTime.isPresent()) {
      RunAnalysis run = realTime.get().run(task.point(), task.seed());
      return Outcome.of(task.key(), setup, run, seconds);
    }
    var simulation = new Simulation(setup, 1, part -> SimulationSink.NONE);
    simulation.run(Math.round(seconds * 1e9));
    return Outcome.of(task.key(), setup, simulation, seconds);
  }

  /** What is there of before; a line that was cut off is run again. */
  private Map<String, Outcome> read() throws IOException {
    var outcomes = new HashMap<String, Outcome>();
    if (Files.exists(file)) {
      var whole = new ArrayList<String>();
      for (String line : Files.readAllLines(file)) {
        try {
          Outcome outcome = JSON.readValue(line, Outcome.class);
          outcomes.put(outcome.key(), outcome);
          whole.add(line);
        } catch (JsonProcessingException e) {
          // Left out, so that the next line does not go on behind it.
        }
      }
      Files.write(file, whole);
    }
    return outcomes;
  }
}
