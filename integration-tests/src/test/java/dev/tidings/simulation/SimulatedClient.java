package dev.tidings.simulation;

import static dev.tidings.harness.TestSession.add;
import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.delete;
import static dev.tidings.harness.TestSession.deleteCounter;
import static dev.tidings.harness.TestSession.deleteMap;
import static dev.tidings.harness.TestSession.deleteMulti;
import static dev.tidings.harness.TestSession.feed;
import static dev.tidings.harness.TestSession.inMap;
import static dev.tidings.harness.TestSession.increment;
import static dev.tidings.harness.TestSession.put;
import static dev.tidings.harness.TestSession.putMulti;
import static dev.tidings.harness.TestSession.remove;
import static dev.tidings.harness.TestSession.removeAll;

import dev.tidings.clock.Position;
import dev.tidings.harness.ClusterHistory;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.history.Outcome;
import dev.tidings.replica.EventLoop;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.ReadItem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A session that reads, writes and moves, one request after another, and tells what it saw. */
final class SimulatedClient {
  /** Longer than a replica lets a request wait. */
  private static final Duration PATIENCE = Duration.ofSeconds(6);

  private static final int MOST_TRIES = 3;
  private static final String WRITE_LOST = "WRITE_LOST";

  private final Simulation run;
  private final Random chance;
  private String name;
  private TestSession session;
  private Ledger.Known known = new Ledger.Known();
  private final List<Reply<?>> replies = new ArrayList<>();
  private boolean finished;

  SimulatedClient(Simulation run, String name, TestSession session) {
    this.run = run;
    this.chance = run.chance();
    this.name = name;
    this.session = session;
  }

  boolean hasFinished() {
    return finished;
  }

  /** Whether every request was answered, or its replica's end was noticed. */
  boolean wasAnswered() {
    return replies.stream().allMatch(Reply::hasEnded);
  }

  /** Goes on after a while, as long as the run has steps left. */
  void goOn() {
    int millis = chance.nextInt(4) == 0 ? chance.nextInt(1_200) : chance.nextInt(40);
    run.after(Duration.ofMillis(millis), this::act);
  }

  private void act() {
    if (!run.takeStep()) {
      finished = true;
    } else if (chance.nextInt(6) == 0 || !run.cluster().isRunning(session.replica())) {
      session.moveTo(run.anyReplica());
      goOn();
    } else if (chance.nextInt(15) == 0) {
      int ticks = 1 + chance.nextInt(20);
      session.advanceClock(ticks);
      known.advanceClock(ticks);
      goOn();
    } else if (chance.nextBoolean()) {
      write();
    } else {
      read();
    }
  }

  private void await(Reply<?> reply, Runnable then) {
    replies.add(reply);
    EventLoop.Timer timeout =
        run.after(
            PATIENCE,
            () -> {
              reply.whenEnded(() -> {});
              then.run();
            });
    reply.whenEnded(
        () -> {
          timeout.cancel();
          run.guard(then);
        });
  }

  /** Some keys and feeds together; all of it becomes visible together. */
  private void write() {
    var mutations = new ArrayList<Mutation>();
    int first = chance.nextInt(run.keys());
    int count = chance.nextInt(3) == 0 ? Math.min(run.keys(), 3) : chance.nextInt(5) == 0 ? 0 : 1;
    for (int i = 0; i < count; i++) {
      String key = "k" + (first + i) % run.keys();
      mutations.add(
          chance.nextInt(run.putsADelete()) == 0
              ? delete(key)
              : put(key, run.ledger().nextValue(i)));
    }
    if (count == 0 || chance.nextInt(3) == 0) {
      mutations.add(
          append(
              Simulation.FEEDS.get(chance.nextInt(Simulation.FEEDS.size())),
              run.ledger().nextValue(count)));
    }
    if (chance.nextBoolean()) {
      mutations.add(increment(Simulation.COUNTER, 1));
      mutations.add(add(Simulation.SET, run.ledger().nextValue(mutations.size())));
    }
    if (chance.nextInt(3) == 0) {
      mutations.add(change(run.ledger().nextValue(mutations.size())));
    }
    int acks = chance.nextInt(4) == 0 ? 1 + chance.nextInt(run.replicas().size()) : 1;
    Ledger.Sent sent = run.ledger().send(known, mutations);
    boolean wasVisible = isVisible();
    Reply<ClientWriteResponse> reply = session.sendNext(acks, sent.mutations());
    if (run.maySplit() && sent.countsOnce() && chance.nextInt(3) == 0) {
      // As if this one's answer had been given up at once: both replicas may well accept it.
      replies.add(reply);
      session.moveTo(run.anyReplica());
      sent.triedElsewhere();
      writeAgain(sent, acks, wasVisible, reply, 1);
    } else if (chance.nextInt(8) == 0) {
      // As if the first one's answer had been given up: it is the same request all the same.
      session.repeat(acks, sent.mutations());
      await(reply, () -> onWriteEnd(sent, acks, wasVisible, reply, 2));
    } else {
      await(reply, () -> onWriteEnd(sent, acks, wasVisible, reply, 1));
    }
  }

  /** Of an object; some elements are added only once, and some again and again. */
  private Mutation change(String value) {
    String element = "e" + chance.nextInt(3);
    return switch (chance.nextInt(16)) {
      case 0, 1, 2, 3 -> putMulti(Simulation.MULTI, value);
      case 4 -> deleteMulti(Simulation.MULTI);
      case 5, 6 -> increment(Simulation.SCORE, chance.nextInt(7) - 2);
      case 7 -> deleteCounter(Simulation.SCORE);
      case 8 -> add(Simulation.GROUP, value);
      case 9, 10 -> add(Simulation.GROUP, element);
      case 11 -> remove(Simulation.GROUP, element);
      case 12 ->
          chance.nextInt(3) == 0 ? removeAll(Simulation.GROUP) : remove(Simulation.GROUP, element);
      case 13 -> inMap(Simulation.MAP, increment(Simulation.SCORE, 1 + chance.nextInt(3)));
      case 14 -> inMap(Simulation.MAP, add(Simulation.GROUP, element));
      default -> deleteMap(Simulation.MAP);
    };
  }

  private void onWriteEnd(
      Ledger.Sent sent, int acks, boolean wasVisible, Reply<ClientWriteResponse> reply, int tries) {
    if (reply.isAnswered()) {
      onWritten(sent, reply.messages().get(0));
    } else if (isOpen(reply) && tries < MOST_TRIES && chance.nextInt(3) > 0) {
      run.after(
          Duration.ofMillis(chance.nextInt(1_500)),
          () -> writeAgain(sent, acks, wasVisible, reply, tries));
      return;
    } else if (tries == 1 && !isOpen(reply)) {
      run.tell("%s: %s is refused: %s".formatted(name, sent, Refusal.of(reply).reason()));
      run.ledger().refused(sent);
      run.history().write(name, sent.mutations(), Outcome.ABORTED, null);
      onRefused(reply, wasVisible);
    } else {
      run.tell("%s: %s has no answer".formatted(name, sent));
      run.history().write(name, sent.mutations(), Outcome.UNKNOWN, sent.wasTriedElsewhere(), null);
      if (sent.wasTriedElsewhere()) {
        session.renew();
      }
    }
    goOn();
  }

  private void writeAgain(
      Ledger.Sent sent, int acks, boolean wasVisible, Reply<ClientWriteResponse> last, int tries) {
    if (run.maySplit() && sent.countsOnce() && chance.nextBoolean()) {
      session.moveTo(run.anyReplica());
      sent.triedElsewhere();
    }
    if (run.cluster().isRunning(session.replica())) {
      Reply<ClientWriteResponse> reply =
          session.repeat(acks, sent.mutations(), sent.wasTriedElsewhere());
      await(reply, () -> onWriteEnd(sent, acks, wasVisible, reply, tries + 1));
    } else {
      onWriteEnd(sent, acks, wasVisible, last, tries + 1);
    }
  }

  private void onWritten(Ledger.Sent sent, ClientWriteResponse response) {
    run.answered(session.replica());
    Position position = Wire.fromProto(response.getPosition());
    run.history().write(name, sent.mutations(), Outcome.OK, sent.wasTriedElsewhere(), response);
    run.ledger().acknowledged(sent, known, response);
    run.tell("%s: %s is version %s".formatted(name, sent, Wire.fromProto(response.getVersion())));
    session.setState(response.getSession());
    if (sent.wasTriedElsewhere()) {
      // See RequestId.retried: a try that is still to arrive must be known by its id.
      session.renew();
    }
    int disks = run.cluster().disksWith(position);
    if (response.getDurableOn() > disks && !run.hasWiped()) {
      throw new AssertionError(
          "%s is said to be durable on %d replicas, and is on %d"
              .formatted(sent, response.getDurableOn(), disks));
    }
  }

  /** Whether what was asked for may have happened. */
  private static boolean isOpen(Reply<?> reply) {
    return !reply.hasEnded() || Refusal.of(reply).reason().isEmpty();
  }

  /**
   * @param wasVisible whether the replica showed all that the session depends on when it was asked
   */
  private void onRefused(Reply<?> reply, boolean wasVisible) {
    Refusal refusal = Refusal.of(reply);
    if (refusal.reason().equals(WRITE_LOST)) {
      run.ledger().toldOfLoss(known);
      beginAnew();
    }
    if (refusal.reason().equals("NOT_YET_VISIBLE")
        && (wasVisible || refusal.message().endsWith("nothing"))) {
      throw new AssertionError(
          "replica %d showed all that %s asked for, %s: %s"
              .formatted(session.replica(), name, known.dependencies(), refusal.message()));
    }
  }

  private boolean isVisible() {
    return run.cluster().frontier(session.replica()).containsAll(known.dependencies());
  }

  private void read() {
    int first = chance.nextInt(run.keys());
    int end = first + 1 + chance.nextInt(run.keys() - first);
    List<String> feeds = chance.nextInt(3) == 0 ? Simulation.FEEDS : List.of();
    var items = new ArrayList<>(Arrays.asList(ClusterHistory.items(first, end)));
    if (chance.nextInt(3) == 0) {
      items.addAll(Simulation.TALLY);
    }
    if (chance.nextInt(3) == 0) {
      items.addAll(Simulation.OBJECTS);
    }
    feeds.forEach(each -> items.add(feed(each)));
    boolean wasVisible = isVisible();
    Reply<ClientReadResponse> reply = session.request(items.toArray(ReadItem[]::new));
    await(
        reply,
        () -> {
          if (reply.isAnswered()) {
            onRead(items, reply.messages().get(0));
          } else if (reply.hasEnded() && !isOpen(reply)) {
            run.tell("%s: a read is refused: %s".formatted(name, Refusal.of(reply).reason()));
            onRefused(reply, wasVisible);
          }
          goOn();
        });
  }

  private void beginAnew() {
    session = run.cluster().session(session.replica());
    known = new Ledger.Known();
    name += "'";
  }

  /**
   * All is healed: whoever depends on what is there is answered, and whoever depends on what is
   * lost is told that.
   */
  void askLast(int replica) {
    session.moveTo(replica);
    boolean isThere = isVisible();
    Reply<ClientReadResponse> reply = session.request(ClusterHistory.items(0, run.keys()));
    run.cluster().time().until("the last answer to " + name, PATIENCE, reply::hasEnded);
    if (isThere ? !reply.isAnswered() : !Refusal.of(reply).reason().equals(WRITE_LOST)) {
      throw new AssertionError(
          "%s depends on %s, which is %s at replica %d: %s"
              .formatted(
                  name,
                  known.dependencies(),
                  isThere ? "there" : "not there",
                  replica,
                  reply.failure()));
    }
    if (!isThere) {
      run.ledger().toldOfLoss(known);
    }
  }

  private void onRead(List<ReadItem> items, ClientReadResponse response) {
    run.answered(session.replica());
    run.history().read(name, items, response);
    run.tell("%s: read %d items".formatted(name, items.size()));
    session.setState(response.getSession());
    run.ledger().read(known, items, response);
  }
}
