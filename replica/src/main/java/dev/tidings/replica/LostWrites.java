package dev.tidings.replica;

import static java.util.stream.Collectors.toSet;
import static java.util.stream.Collectors.toUnmodifiableSet;

import dev.tidings.causal.CausalReplica;
import dev.tidings.causal.Membership;
import dev.tidings.causal.TimeTable;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Tells of what is missing here whether it is still to come: a write is lost when nobody holds it
 * any more, and whatever depends on it waits for ever. Confined to the replica's loop.
 *
 * <p>A member may lose its disk before anyone has heard of the life in which it wrote, except the
 * sessions of that life. What one of them depends on tells no more than that there is such a life,
 * which could also be about to begin. The member alone knows better, since it lives in another now:
 * so others ask it, by their rows of the time table, and it ends that life as it would have been
 * ended by whoever had known it.
 */
final class LostWrites {
  /**
   * Once so many lives of a replica have ended it ends no more because it is asked to: what
   * sessions have seen is what clients say.
   */
  private static final int MOST_ENDED = 64;

  private final Origin self;
  private final CausalReplica core;
  private final Membership membership;
  private final TimeTable table;

  /** Lives of members that nobody has told of, and that sessions depend on. */
  private Set<Origin> unknown = Set.of();

  LostWrites(Origin self, CausalReplica core, Membership membership, TimeTable table) {
    this.self = self;
    this.core = core;
    this.membership = membership;
    this.table = table;
  }

  /**
   * A lost write for which one of these waits, itself or through what is stalled here.
   *
   * @param frontier what is readable here
   */
  Optional<Position> among(PositionSet missing, PositionSet frontier) {
    var found = new ArrayList<Position>();
    var asked = new HashSet<Position>();
    var toAsk = new ArrayDeque<PositionSet>(List.of(missing));
    while (found.isEmpty() && !toAsk.isEmpty()) {
      toAsk
          .remove()
          .minus(frontier)
          .forEachRange(
              (origin, first, last) -> {
                note(origin);
                if (isHeldByNobody(origin, last)) {
                  found.add(new Position(origin, last));
                }
                long held = core.progress().held().upTo(origin);
                for (long s = first; s <= Math.min(last, held); s++) {
                  var position = new Position(origin, s);
                  if (asked.add(position)) {
                    core.stalled(position).ifPresent(w -> toAsk.add(w.write().dependencies()));
                  }
                }
              });
    }
    return found.stream().findFirst();
  }

  /** Somebody waits for what is missing. */
  void awaited(PositionSet missing) {
    missing.forEachRange((origin, first, last) -> note(origin));
  }

  private void note(Origin origin) {
    if (membership.rank(origin) == Membership.Rank.REBORN && !unknown.contains(origin)) {
      unknown =
          TimeTable.fewOfEach(Stream.concat(Stream.of(origin), unknown.stream()).collect(toSet()));
    }
  }

  /** Which lives of members others are asked about: those that came up and have not ended since. */
  Set<Origin> unknownLives() {
    return unknown;
  }

  /** Who belongs to the cluster has changed, or what has ended. */
  void membersChanged() {
    unknown =
        unknown.stream()
            .filter(origin -> membership.rank(origin) == Membership.Rank.REBORN)
            .collect(toUnmodifiableSet());
  }

  /** Lives of this replica before its own of which somebody asks, and that are to end. */
  Set<Origin> earlierLives() {
    if (membership.rank(self) != Membership.Rank.CURRENT) {
      // Where its own life is not told of yet, that would be among them.
      return Set.of();
    }
    return Stream.concat(
            unknown.stream(), table.rows().values().stream().flatMap(row -> row.unknown().stream()))
        .filter(origin -> origin.replicaId() == self.replicaId())
        .filter(origin -> membership.rank(origin) == Membership.Rank.REBORN)
        .distinct()
        .limit(Math.max(0, MOST_ENDED - endedOfSelf()))
        .collect(toSet());
  }

  /** Whether this replica ends lives no more that only sessions know. */
  boolean endsNoMore() {
    return endedOfSelf() >= MOST_ENDED;
  }

  private int endedOfSelf() {
    return membership.entry(self.replicaId()).orElseThrow().member().ended().size();
  }

  /**
   * Whether a log that has ended does not reach so far at any member, and all of them know that it
   * has ended, and who is no member any more: they take nothing more of it from any other.
   */
  private boolean isHeldByNobody(Origin origin, long sequence) {
    if (membership.rank(origin) != Membership.Rank.ENDED
        || core.progress().held().upTo(origin) >= sequence) {
      return false;
    }
    Set<Origin> ended = membership.ended();
    return membership.others(self).stream()
        .allMatch(
            member ->
                member
                    .map(table::row)
                    .filter(row -> row.ended().containsAll(ended))
                    .filter(row -> row.held().upTo(origin) < sequence)
                    .isPresent());
  }
}
