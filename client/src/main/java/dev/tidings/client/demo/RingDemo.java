package dev.tidings.client.demo;

import dev.tidings.client.FeedEntry;
import dev.tidings.client.ReplicaStatus.Consistency;
import dev.tidings.client.Session;
import dev.tidings.client.Tidings;
import dev.tidings.client.TidingsException;
import dev.tidings.client.WriteInfo;
import dev.tidings.client.demo.Story.Said;
import dev.tidings.spacetime.ShiVizLog;
import dev.tidings.spacetime.SpaceTime;
import dev.tidings.spacetime.SpaceTimeSvg;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Plays the wedding ring over three replica processes and judges what they showed. Alice and Bob
 * act on the caller's thread, one after the other, as each waits for the other anyway; one observer
 * thread for each replica reads all the while.
 */
public final class RingDemo {
  private static final int REPLICAS = 3;

  /** The replica that receives Bob's words before Alice's. */
  private static final int FAR = 3;

  private static final String DELAY = "1-2=2s,2-3=2s,1-3=15s";
  private static final int ALICE_WAITS_SECONDS = 3;
  private static final Duration PLAYED_WITHIN = Duration.ofSeconds(60);
  private static final long POLL_MILLIS = 25;

  /**
   * How to play.
   *
   * @param home where {@code bin/replica} is
   * @param out where {@code ring.svg} and {@code ring.shiviz.log} are put
   * @param verbose whether to show the replicas' logs at the end, even if all went well
   */
  public record Options(Path home, Consistency consistency, Path out, boolean verbose) {}

  private final Options options;
  private final PrintWriter out;
  private final PrintWriter errors;
  private final Story story;
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

  /** When the play began; set before the observers start. */
  private long startNanos;

  private RingDemo(Options options, PrintWriter out, PrintWriter errors) {
    this.options = options;
    this.out = out;
    this.errors = errors;
    this.story = new Story(out);
  }

  /**
   * Blocks until it is over; interrupted, it ends early.
   *
   * @return the exit code: 0 if a causal cluster was seen to stall and to show nothing in the wrong
   *     order, or an eventual one was seen to show something in the wrong order; else 1
   */
  public static int play(Options options, PrintWriter out, PrintWriter errors) {
    return new RingDemo(options, out, errors).play();
  }

  private int play() {
    out.printf(
        "starting %d replicas, %s consistency, link delays %s%n",
        REPLICAS, options.consistency().name().toLowerCase(Locale.ROOT), DELAY);
    try (ReplicaProcesses replicas =
        ReplicaProcesses.start(options.home(), REPLICAS, DELAY, options.consistency())) {
      try {
        replicas.awaitReady();
        perform(replicas);
      } catch (DemoFailure | TidingsException e) {
        if (!replicas.isOver()) {
          replicas.printLogs(errors);
          errors.println("the demo failed: " + e.getMessage());
        }
        return 1;
      }
      if (options.verbose()) {
        replicas.printLogs(out);
      }
      return judge();
    } catch (IOException e) {
      errors.println("the demo failed: " + e);
    } catch (InterruptedException e) {
      errors.println("the demo was interrupted");
    }
    return 1;
  }

  private void perform(ReplicaProcesses replicas) throws InterruptedException {
    startNanos = System.nanoTime();
    var observers = new ArrayList<Thread>();
    try (Tidings tidings = Tidings.connect(replicas.address(1), Duration.ofSeconds(5))) {
      for (int replica = 1; replica <= REPLICAS; replica++) {
        int self = replica;
        var observer =
            new Thread(() -> observe(tidings, replicas.address(self), self), "observer-" + replica);
        observers.add(observer);
        observer.start();
      }
      try {
        act(tidings, replicas);
        awaitAll(observers);
      } finally {
        observers.forEach(Thread::interrupt);
        for (Thread observer : observers) {
          observer.join(1_000);
        }
      }
    }
  }

  private void act(Tidings tidings, ReplicaProcesses replicas) throws InterruptedException {
    Session alice = tidings.session();
    alice.moveTo(replicas.address(1));
    say(alice, RingWord.LOST, Set.of());
    TimeUnit.SECONDS.sleep(ALICE_WAITS_SECONDS);
    alice.advanceClock(ALICE_WAITS_SECONDS);
    say(alice, RingWord.FOUND, Set.of(RingWord.LOST));

    Session bob = tidings.session();
    bob.moveTo(replicas.address(2));
    Set<RingWord> read = EnumSet.noneOf(RingWord.class);
    while (!read.contains(RingWord.FOUND)) {
      checkTime();
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      List<RingWord> shown = shown(bob);
      read.addAll(shown);
      story.onReading(new Reading(RingWord.GLAD.speaker(), 2, micros(), shown));
    }
    say(bob, RingWord.GLAD, read);
  }

  private void say(Session session, RingWord word, Set<RingWord> knew) {
    WriteInfo write = session.append(RingWord.FEED, word.entry());
    story.onSaid(new Said(word, write, micros(), knew));
  }

  /** Runs in a thread of its own, until the replica has shown all, or the thread is interrupted. */
  private void observe(Tidings tidings, String address, int replica) {
    try {
      while (!story.showsAll(replica)) {
        // A new session each time: it asks for nothing, so the replica shows what it shows to
        // anyone.
        Session fresh = tidings.session();
        fresh.moveTo(address);
        List<RingWord> shown = shown(fresh);
        story.onReading(new Reading("observer", replica, micros(), shown));
        story.onStatus(replica, tidings.admin(address).status(), micros());
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      // The play is over.
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
  }

  private static List<RingWord> shown(Session session) {
    return session.feed(RingWord.FEED, false).stream().map(RingDemo::word).toList();
  }

  private static RingWord word(FeedEntry entry) {
    return Arrays.stream(RingWord.values())
        .filter(word -> word.entry().equals(entry.value()))
        .findFirst()
        .orElseThrow(() -> new DemoFailure("nobody said \"" + entry.value() + "\""));
  }

  private void awaitAll(List<Thread> observers) throws InterruptedException {
    for (Thread observer : observers) {
      while (observer.isAlive()) {
        checkTime();
        observer.join(POLL_MILLIS);
      }
    }
    checkTime();
  }

  private void checkTime() {
    @Nullable RuntimeException observed = failure.get();
    if (observed != null) {
      throw observed;
    }
    if (micros() > PLAYED_WITHIN.toNanos() / 1_000) {
      for (int replica = 1; replica <= REPLICAS; replica++) {
        List<String> missing = story.notShownAt(replica);
        if (!missing.isEmpty()) {
          throw new DemoFailure(
              "after %d s replica %d still did not show %s"
                  .formatted(PLAYED_WITHIN.toSeconds(), replica, missing));
        }
      }
    }
  }

  /** Microseconds since the play began. */
  private long micros() {
    return (System.nanoTime() - startNanos) / 1_000;
  }

  private int judge() throws IOException {
    Verdict verdict = story.verdict();
    String mode = options.consistency().name().toLowerCase(Locale.ROOT);
    SpaceTime diagram =
        RingDiagram.of(
            "The wedding ring, %s consistency, link delays %s".formatted(mode, DELAY),
            story,
            REPLICAS);
    Path svg = options.out().resolve("ring.svg");
    Path shiViz = options.out().resolve("ring.shiviz.log");
    Files.createDirectories(options.out());
    Files.writeString(svg, SpaceTimeSvg.of(diagram));
    Files.writeString(shiViz, ShiVizLog.of(diagram));
    out.printf("what happened is drawn in %s, and for ShiViz in %s%n", svg, shiViz);
    int exitCode = 0;
    if (options.consistency() == Consistency.CAUSAL && !story.wasStalledAt(FAR)) {
      out.printf("nothing was seen to stall at replica %d, so nothing was put to the test%n", FAR);
      exitCode = 1;
    }
    if (options.consistency() == Consistency.EVENTUAL && verdict.isCausal()) {
      out.println("an eventual cluster was expected to show something in the wrong order");
      exitCode = 1;
    }
    if (options.consistency() == Consistency.CAUSAL && !verdict.isCausal()) {
      exitCode = 1;
    }
    out.println(verdict);
    return exitCode;
  }
}
