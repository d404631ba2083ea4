package dev.tidings.replica;

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

/**
 * Tells of what is missing here whether it is still to come: a write is lost when nobody holds it
 * any more, and whatever depends on it waits for ever. Confined to the replica's loop.
 */
final class LostWrites {
  private final Origin self;
  private final CausalReplica core;
  private final Membership membership;
  private final TimeTable table;

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
