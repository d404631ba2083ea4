package dev.tidings.replica;

import dev.tidings.causal.Membership;
import dev.tidings.causal.TimeTable;
import dev.tidings.clock.Origin;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.VersionVector;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * When a replica that began with an empty data directory may serve: it asks its peers what they
 * show, and has caught up when it shows all that. So it does not matter whether it founds its
 * cluster, joins it or comes back after it has lost its disk. Confined to the replica's loop.
 */
final class CatchUp {
  private final Origin self;
  private final Membership membership;
  private final Map<Origin, VersionVector> answers = new HashMap<>();

  /** Peers that do not take us for a member yet, and what they say. */
  private final SortedMap<Integer, String> refusals = new TreeMap<>();

  private boolean waitsForAll = true;

  CatchUp(Origin self, Membership membership) {
    this.self = self;
    this.membership = membership;
  }

  /** A peer tells how far it is; its first answer counts. */
  void answered(Origin peer, TimeTable.Row standing) {
    answers.putIfAbsent(peer, standing.visible());
    refusals.remove(peer.replicaId());
  }

  /** A peer is there, but does not take us for a member: so there is a cluster to join. */
  void refused(int peerId, String why) {
    refusals.put(peerId, why);
  }

  /** Peers that have not answered by now are not waited for. */
  void waitNoMore() {
    waitsForAll = false;
  }

  /** The members whose answer is missing. */
  SortedSet<Integer> silent() {
    var silent = new TreeSet<Integer>(membership.members());
    silent.remove(self.replicaId());
    answers.keySet().forEach(origin -> silent.remove(origin.replicaId()));
    return silent;
  }

  /** Who does not belong to the cluster itself any more has no say. */
  private void forgetStrangers() {
    refusals.keySet().retainAll(membership.members());
  }

  /** Why it is not over, as far as is known. */
  String reason() {
    forgetStrangers();
    if (!refusals.isEmpty()) {
      return "waits to be taken into the cluster (bin/client admin join): replica %d says: %s"
          .formatted(refusals.firstKey(), refusals.get(refusals.firstKey()));
    }
    return waitsForAll && !silent().isEmpty()
        ? "asks replicas " + silent() + " what they have"
        : "is catching up";
  }

  /** Whether all that the members showed is visible here. */
  boolean isOver(PositionSet frontier) {
    forgetStrangers();
    if (!refusals.isEmpty() || (waitsForAll && !silent().isEmpty())) {
      return false;
    }
    VersionVector here = frontier.prefixes();
    return answers.entrySet().stream()
        .filter(answer -> membership.rank(answer.getKey()) == Membership.Rank.CURRENT)
        .allMatch(answer -> here.dominates(answer.getValue()));
  }
}
