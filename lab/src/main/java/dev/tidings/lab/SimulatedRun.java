package dev.tidings.lab;

import dev.tidings.clock.VectorClock;
import dev.tidings.drift.DriftEvent;
import dev.tidings.drift.DriftMessage;
import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.Part;
import dev.tidings.drift.Simulation;
import dev.tidings.drift.SimulationSink;
import dev.tidings.drift.Target;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/**
 * A simulated run: the core's simulation, on one thread or several, and the logs of those hosts
 * that keep one. System time is the virtual time since the run's beginning, so that the same seed
 * gives the same files.
 */
final class SimulatedRun {
  /** The file with a line for each host. */
  static final String TOTALS = "totals.csv";

  /** The bar moves after so much virtual time where there are no windows. */
  private static final int STEPS = 200;

  private SimulatedRun() {}

  /**
   * @param logged how many hosts keep logs, spread evenly over the ids
   * @return the simulation at its end
   */
  static Simulation run(
      Experiment experiment, Path directory, int logged, EventLog.Clocks clocks, int threads)
      throws IOException, InterruptedException {
    DriftSetup setup = experiment.setup();
    long end = experiment.runDuration().toNanos();
    Simulation simulation;
    try (var logs = new Logs(setup, directory, logged, clocks);
        ProgressBar bar = Bars.seconds("simulate", end / 1_000_000)) {
      simulation = new Simulation(setup, threads, part -> logged == 0 ? SimulationSink.NONE : logs);
      if (threads == 1) {
        for (int step = 1; step <= STEPS; step++) {
          simulation.run(end / STEPS * step);
          bar.stepTo(end / STEPS * step / 1_000_000);
        }
        simulation.run(end);
      } else {
        runSideBySide(simulation, end, bar);
      }
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
    writeTotals(simulation, setup, directory.resolve(TOTALS));
    return simulation;
  }

  /** A thread for each part; all wait for each other at a window's end, and after the exchange. */
  static void runSideBySide(Simulation simulation, long endNanos, ProgressBar bar)
      throws InterruptedException {
    List<Part> parts = simulation.parts();
    ExecutorService threads = Executors.newFixedThreadPool(parts.size());
    try {
      long window = simulation.windowNanos();
      for (long start = 0; start < endNanos; start += window) {
        long end = Math.min(endNanos, start + window);
        forEach(threads, parts, part -> part.run(end));
        forEach(threads, parts, part -> part.exchange(parts));
        bar.stepTo(end / 1_000_000);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static void forEach(ExecutorService threads, List<Part> parts, Consumer<Part> work)
      throws InterruptedException {
    var done = new ArrayList<Future<?>>();
    for (Part part : parts) {
      done.add(threads.submit(() -> work.accept(part)));
    }
    for (Future<?> future : done) {
      try {
        future.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw new LabException("the simulation failed: " + e.getCause(), e);
      }
    }
  }

  private static void writeTotals(Simulation simulation, DriftSetup setup, Path file)
      throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write(
          "host,rate,events,receive,send,internal,final_clock,largest_jump,queue,largest_queue\n");
      for (int id = 1; id <= setup.hosts(); id++) {
        Simulation.HostTotals totals = simulation.totals(id);
        out.write(
            id
                + ","
                + setup.rate(id)
                + ","
                + totals.events()
                + ","
                + totals.receives()
                + ","
                + totals.sends()
                + ","
                + totals.internals()
                + ","
                + totals.finalClock()
                + ","
                + totals.largestJump()
                + ","
                + totals.queueLength()
                + ","
                + totals.largestQueue()
                + "\n");
      }
    }
  }

  /** Writes the logs, and keeps the vector clocks that they tell. */
  private static final class Logs implements SimulationSink, AutoCloseable {
    private final DriftSetup setup;
    private final boolean keepsClocks;

    /** By host id; of those who keep none null. */
    private final @Nullable EventLog[] logs;

    private final VectorClock[] clocks;
    private final int[][] others;

    /** What messages on their way know: by sender and number. Parts read what others wrote. */
    private final Map<Long, Snapshot> underWay = new ConcurrentHashMap<>();

    Logs(DriftSetup setup, Path directory, int logged, EventLog.Clocks form) throws IOException {
      this.setup = setup;
      this.keepsClocks = form != EventLog.Clocks.NONE && logged > 0;
      this.logs = new @Nullable EventLog[setup.hosts() + 1];
      this.clocks = new VectorClock[keepsClocks ? setup.hosts() + 1 : 0];
      Arrays.fill(clocks, VectorClock.ZERO);
      this.others = new int[setup.hosts() + 1][];
      for (int i = 0; i < logged; i++) {
        int id = (int) ((long) i * setup.hosts() / logged) + 1;
        logs[id] = EventLog.createBuffered(directory.resolve("host-" + id + ".jsonl"), form);
      }
    }

    /** What a message knows, until the last of its recipients has received it. */
    private record Snapshot(VectorClock clock, AtomicInteger recipients) {}

    private VectorClock tick(int host) {
      if (!keepsClocks) {
        return VectorClock.ZERO;
      }
      clocks[host] = clocks[host].tick(host);
      return clocks[host];
    }

    private int[] others(int host) {
      if (others[host] == null) {
        others[host] = setup.othersOf(host);
      }
      return others[host];
    }

    @Override
    public void internal(int host, long nanos, long lamportTime) {
      VectorClock clock = tick(host);
      if (logs[host] != null) {
        write(DriftEvent.Type.INTERNAL, host, nanos, lamportTime, clock, 0, null, List.of());
      }
    }

    @Override
    public void send(int host, long nanos, long lamportTime, int tick, int target) {
      VectorClock clock = tick(host);
      if (!keepsClocks && logs[host] == null) {
        return;
      }
      int[] known = others(host);
      int[] to = target == Target.BROADCAST ? known : new int[] {known[target - 1]};
      if (keepsClocks) {
        int arriving =
            (int)
                Arrays.stream(to)
                    .filter(id -> !setup.link().loses(setup.seed(), host, tick, id))
                    .count();
        if (arriving > 0) {
          underWay.put(key(host, tick), new Snapshot(clock, new AtomicInteger(arriving)));
        }
      }
      if (logs[host] != null) {
        write(
            DriftEvent.Type.SEND,
            host,
            nanos,
            lamportTime,
            clock,
            0,
            new DriftMessage(host, target, lamportTime, clock, nanos / 1_000, ""),
            Arrays.stream(to).boxed().toList());
      }
    }

    @Override
    public void receive(
        int host,
        long nanos,
        long lamportTime,
        int queueLength,
        int from,
        int sentTick,
        int target,
        long sentLamportTime,
        long sentNanos) {
      VectorClock sent = VectorClock.ZERO;
      if (keepsClocks) {
        Snapshot snapshot = underWay.get(key(from, sentTick));
        if (snapshot == null) {
          throw new AssertionError("no message " + sentTick + " of host " + from);
        }
        sent = snapshot.clock();
        if (snapshot.recipients().decrementAndGet() == 0) {
          underWay.remove(key(from, sentTick));
        }
        clocks[host] = clocks[host].merge(sent);
      }
      VectorClock clock = tick(host);
      if (logs[host] != null) {
        write(
            DriftEvent.Type.RECEIVE,
            host,
            nanos,
            lamportTime,
            clock,
            queueLength,
            new DriftMessage(from, target, sentLamportTime, sent, sentNanos / 1_000, ""),
            List.of());
      }
    }

    private static long key(int host, int tick) {
      return ((long) host << 32) | tick;
    }

    private void write(
        DriftEvent.Type type,
        int host,
        long nanos,
        long lamportTime,
        VectorClock clock,
        int queueLength,
        @Nullable DriftMessage message,
        List<Integer> to) {
      EventLog log = logs[host];
      if (log == null) {
        return;
      }
      try {
        log.write(
            new DriftEvent(
                type, host, nanos / 1_000, lamportTime, clock, queueLength, message, to));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      for (EventLog log : logs) {
        if (log != null) {
          log.close();
        }
      }
    }
  }
}
