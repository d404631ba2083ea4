package dev.tidings.causal;

import java.util.Collections;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One replica's place in the cluster.
 *
 * @param replicaId 1 or more
 * @param incarnation the one it lives in; 0 where it has not been seen yet
 * @param ended earlier incarnations, whose logs no longer grow
 * @param removed it belongs to the cluster no longer
 * @param removals how often it was taken out of the cluster so far
 * @param peerAddress HOST:PORT where its peers reach it; empty where each peer has it from its own
 *     settings
 */
public record Member(
    int replicaId,
    int incarnation,
    SortedSet<Integer> ended,
    boolean removed,
    int removals,
    String peerAddress) {
  /** As many as a cluster may have: each of them keeps something of each. */
  public static final int MOST = 16;

  public Member {
    if (replicaId < 1) {
      throw new IllegalArgumentException("replica id " + replicaId + " is not 1 or more");
    }
    if (incarnation < 0 || (!ended.isEmpty() && ended.first() < 1)) {
      throw new IllegalArgumentException("an incarnation is 1 or more, or 0 for none");
    }
    ended = Collections.unmodifiableSortedSet(new TreeSet<>(ended));
  }

  /** A member of which nothing but the address is known. */
  public static Member of(int replicaId, String peerAddress) {
    return new Member(replicaId, 0, new TreeSet<>(), false, 0, peerAddress);
  }

  /** With another incarnation, which ends the one before. */
  public Member reborn(int next) {
    var all = new TreeSet<>(ended);
    if (incarnation != 0) {
      all.add(incarnation);
    }
    return new Member(replicaId, next, all, false, removals, peerAddress);
  }

  /**
   * No member any more. In place of an incarnation that was not seen, one ends that nobody draws:
   * so who has heard of this removal can say so.
   */
  public Member gone() {
    int last = incarnation == 0 ? Integer.MAX_VALUE - removals : incarnation;
    return new Member(replicaId, 0, withEnded(last).ended, true, removals + 1, peerAddress);
  }

  public Member at(String address) {
    return new Member(replicaId, incarnation, ended, false, removals, address);
  }

  /** With one more incarnation that has ended. */
  public Member withEnded(int ended) {
    return withEnded(new TreeSet<>(Set.of(ended)));
  }

  Member withEnded(SortedSet<Integer> more) {
    var all = new TreeSet<>(ended);
    all.addAll(more);
    return new Member(replicaId, incarnation, all, removed, removals, peerAddress);
  }
}
