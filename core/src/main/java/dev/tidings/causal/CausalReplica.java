package dev.tidings.causal;

import dev.tidings.clock.ForwardJumpException;
import dev.tidings.clock.LamportClock;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.clock.VersionVector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A replica's decisions: the clock, the positions of its own writes, what it holds, what is
 * visible, and what waits for what. Inputs in, effects out; the caller carries effects out in
 * order, makes them durable together with {@link #progress()}, and only then answers. Confined to
 * one thread.
 *
 * <p>A write becomes visible once its dependencies are (COPS, SOSP 2011, §4.3: dep_check before a
 * put_after is committed). Whatever waits is found by the position it waits for, so the arrival of
 * a write costs no more when a thousand others are stalled: nothing is scanned and nothing is
 * polled.
 */
public final class CausalReplica {
  private final Origin self;
  private final Consistency consistency;
  private final long maxForwardJumpTicks;
  private final LamportClock clock;
  private VersionVector held;
  private PositionSet frontier;

  /** In order of arrival. */
  private final Map<Position, StalledWrite> stalled = new LinkedHashMap<>();

  private final Map<Origin, Load> loads = new HashMap<>();

  /** Each waiting thing is registered once, under one of the positions that it misses. */
  private final Map<Position, List<Waiting>> waitingFor = new HashMap<>();

  /** Under which position each waiter is registered. */
  private final Map<Long, Position> waiters = new HashMap<>();

  /**
   * @param progress where the replica stood when it stopped
   * @param stalledWrites what was held but not visible then, each origin's in order
   * @param maxForwardJumpTicks how far a client may push the clock, 0 or more
   * @param nowMicros as for the inputs
   */
  public CausalReplica(
      Origin self,
      Consistency consistency,
      long maxForwardJumpTicks,
      Progress progress,
      List<Write> stalledWrites,
      long nowMicros) {
    this.self = self;
    this.consistency = consistency;
    this.maxForwardJumpTicks = maxForwardJumpTicks;
    this.clock = new LamportClock(progress.lamportTime());
    this.held = progress.held();
    this.frontier = progress.frontier();
    stalledWrites.forEach(write -> stall(write, nowMicros));
  }

  /**
   * A client writes. Its session's dependencies must be visible ({@link #isVisible}); ask {@link
   * #awaitVisible} first if they are not.
   *
   * @param nowMicros wall-clock time, recorded with the write
   * @throws ForwardJumpException if the session's clock is further ahead than the bound; nothing
   *     has changed
   */
  public List<Effect> onClientWrite(
      Session session, Optional<RequestId> requestId, List<Mutation> mutations, long nowMicros) {
    if (!isVisible(session.dependencies())) {
      throw new IllegalStateException(
          "not visible here: " + session.dependencies().minus(frontier));
    }
    long time = clock.tickPast(session.clock(), maxForwardJumpTicks);
    var position = new Position(self, held.upTo(self) + 1);
    var write =
        new Write(
            position,
            new Version(time, self),
            requestId,
            consistency.declared(session.dependencies()),
            nowMicros,
            mutations);
    held = held.with(self, position.sequence());
    var effects = new ArrayList<Effect>();
    effects.add(new Effect.Logged(write, time));
    show(write, OptionalLong.empty(), nowMicros, effects);
    return effects;
  }

  /**
   * A peer's write arrives. A write that is already held has no effects; one that a snapshot has
   * made visible before is only logged.
   *
   * @param delayTicks Lamport time that passes on the way at least, see {@link
   *     LamportClock#receive(long, long)}
   * @param nowMicros any clock that does not go back; measures how long writes are stalled
   * @throws PositionGapException if it is not the next one of its origin; nothing has changed
   * @throws ForwardJumpException if its Lamport time is too far ahead, see {@link
   *     LamportClock#receive(long, long)}; nothing has changed
   */
  public List<Effect> onReplicatedWrite(Write write, long delayTicks, long nowMicros) {
    Position position = write.position();
    if (position.origin().equals(self)) {
      throw new IllegalArgumentException(position + " is a position of this replica's own");
    }
    long heldUpTo = held.upTo(position.origin());
    if (position.sequence() <= heldUpTo) {
      return List.of();
    }
    if (position.sequence() > heldUpTo + 1) {
      throw new PositionGapException(position, heldUpTo);
    }
    long time = clock.receive(write.version().lamportTime(), delayTicks);
    held = held.with(position.origin(), position.sequence());
    var effects = new ArrayList<Effect>();
    effects.add(new Effect.Logged(write, time));
    if (frontier.contains(position)) {
      return effects;
    }
    // COPS dep_check: show the write only when every dependency is visible here.
    if (isVisible(consistency.declared(write.dependencies()))) {
      show(write, OptionalLong.empty(), nowMicros, effects);
    } else {
      stall(write, nowMicros);
      effects.add(new Effect.Stalled(write, write.dependencies().minus(frontier)));
    }
    return effects;
  }

  /**
   * All that was visible at another replica at one moment has been merged into the data here: it is
   * visible from now on, and so is what was only waiting for it.
   *
   * @param visible that replica's frontier, which is closed under dependencies
   * @param lamportTime its clock then
   * @param nowMicros as for {@link #onReplicatedWrite}
   * @throws ForwardJumpException if its clock is too far ahead; nothing has changed
   */
  public List<Effect> onSnapshot(PositionSet visible, long lamportTime, long nowMicros) {
    clock.receive(lamportTime);
    frontier = frontier.union(visible);
    held = held.merge(frontier.prefixes());
    List<Waiting> all = waitingFor.values().stream().flatMap(List::stream).toList();
    waitingFor.clear();
    waiters.clear();
    var effects = new ArrayList<Effect>();
    var ready = new ArrayList<StalledWrite>();
    for (Waiting waiting : all) {
      if (waiting instanceof StalledWrite write && frontier.contains(write.write().position())) {
        unstall(write);
      } else if (!isVisible(waiting.needs())) {
        register(waiting);
      } else if (waiting instanceof StalledWrite write) {
        unstall(write);
        ready.add(write);
      } else {
        effects.add(new Effect.Released(((Waiter) waiting).id));
      }
    }
    for (StalledWrite write : ready) {
      show(write.write(), OptionalLong.of(nowMicros - write.sinceMicros()), nowMicros, effects);
    }
    return effects;
  }

  /** Whether everything in the set is visible here. */
  public boolean isVisible(PositionSet positions) {
    return frontier.containsAll(positions);
  }

  /**
   * Waits for positions that are not all visible yet: {@link Effect.Released} follows from the
   * input that shows the last of them, once, unless {@link #cancelWait} comes first.
   *
   * @param waiterId the caller's, not in use by another waiter
   */
  public void awaitVisible(long waiterId, PositionSet positions) {
    if (waiters.containsKey(waiterId)) {
      throw new IllegalStateException("waiter " + waiterId + " is waiting already");
    }
    register(new Waiter(waiterId, positions));
  }

  /** Ends a wait. Does nothing if it has been released. */
  public void cancelWait(long waiterId) {
    Position place = waiters.remove(waiterId);
    if (place != null) {
      waitingFor.computeIfPresent(
          place,
          (p, list) -> {
            list.removeIf(waiting -> waiting instanceof Waiter w && w.id == waiterId);
            return list.isEmpty() ? null : list;
          });
    }
  }

  public Progress progress() {
    return new Progress(clock.time(), frontier, held);
  }

  /**
   * What is durable here but not visible, in order of arrival. A view that follows later inputs.
   */
  public Collection<StalledWrite> stalled() {
    return Collections.unmodifiableCollection(stalled.values());
  }

  /** Empty unless the write is durable here and not visible. */
  public Optional<StalledWrite> stalled(Position position) {
    return Optional.ofNullable(stalled.get(position));
  }

  /** How much of the origin's log is stalled here, for its stream's flow control. */
  public Load stalledLoad(Origin origin) {
    return loads.getOrDefault(origin, Load.NONE);
  }

  private void stall(Write write, long nowMicros) {
    var entry = new StalledWrite(write, nowMicros);
    stalled.put(write.position(), entry);
    loads.merge(write.position().origin(), Load.of(write), Load::plus);
    register(entry);
  }

  private void unstall(StalledWrite entry) {
    stalled.remove(entry.write().position());
    loads.computeIfPresent(
        entry.write().position().origin(), (o, load) -> load.minus(Load.of(entry.write())));
  }

  private void register(Waiting waiting) {
    // Of all that is missing the last is the best to wait for: when it shows, the others mostly
    // have.
    Position place = waiting.needs().minus(frontier).last();
    waitingFor.computeIfAbsent(place, p -> new ArrayList<>()).add(waiting);
    if (waiting instanceof Waiter waiter) {
      waiters.put(waiter.id, place);
    }
  }

  /**
   * Shows a write, and whatever that lets go, in an order in which each follows its dependencies.
   */
  private void show(Write first, OptionalLong stalledFor, long nowMicros, List<Effect> effects) {
    var ready = new ArrayDeque<Effect.BecameVisible>();
    ready.add(new Effect.BecameVisible(first, stalledFor));
    while (!ready.isEmpty()) {
      Effect.BecameVisible next = ready.remove();
      effects.add(next);
      Position position = next.write().position();
      frontier = frontier.with(position);
      List<Waiting> woken = waitingFor.remove(position);
      if (woken == null) {
        continue;
      }
      for (Waiting waiting : woken) {
        if (!isVisible(waiting.needs())) {
          register(waiting);
        } else if (waiting instanceof StalledWrite write) {
          unstall(write);
          ready.add(
              new Effect.BecameVisible(
                  write.write(), OptionalLong.of(nowMicros - write.sinceMicros())));
        } else if (waiting instanceof Waiter waiter) {
          waiters.remove(waiter.id);
          effects.add(new Effect.Released(waiter.id));
        } else {
          throw new AssertionError(waiting);
        }
      }
    }
  }

  /**
   * Stalled writes of one origin.
   *
   * @param bytes of their keys, values and dependencies
   */
  public record Load(int writes, long bytes) {
    static final Load NONE = new Load(0, 0);
    private static final int BYTES_A_RANGE = 2 * Long.BYTES;

    static Load of(Write write) {
      long dependencies = (long) write.dependencies().rangeCount() * BYTES_A_RANGE;
      return new Load(1, dependencies + Mutation.size(write.mutations()));
    }

    Load plus(Load other) {
      return new Load(writes + other.writes, bytes + other.bytes);
    }

    Load minus(Load other) {
      return new Load(writes - other.writes, bytes - other.bytes);
    }
  }

  /** Something that waits until positions are visible. */
  private sealed interface Waiting {
    PositionSet needs();
  }

  /**
   * A write that is durable here but not visible yet.
   *
   * @param sinceMicros when it arrived, by the clock of the inputs
   */
  public record StalledWrite(Write write, long sinceMicros) implements Waiting {
    @Override
    public PositionSet needs() {
      return write.dependencies();
    }
  }

  private record Waiter(long id, PositionSet needs) implements Waiting {}
}
