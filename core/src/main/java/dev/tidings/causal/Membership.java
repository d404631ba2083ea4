package dev.tidings.causal;

import dev.tidings.clock.Origin;
import dev.tidings.clock.Version;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Who belongs to the cluster, as far as this replica sees it. It changes by writes ({@link
 * Mutation.SetMember}), so all replicas come to see the same: the last writer by version wins, but
 * only one who has seen a removal takes it back, and incarnations that have ended stay so. Confined
 * to one thread.
 */
public final class Membership {
  private final SortedMap<Integer, Entry> entries = new TreeMap<>();

  /** In which incarnation members live of whom no write has said it. */
  private final Map<Integer, Origin> seen = new HashMap<>();

  /**
   * What is known of one replica.
   *
   * @param version of the write that said so last; empty for a member by this replica's settings
   * @param sequence of that write's position; 0 for none
   */
  public record Entry(Member member, Optional<Version> version, long sequence) {
    /** By this replica's own settings. */
    public static Entry founding(Member member) {
      return new Entry(member, Optional.empty(), 0);
    }
  }

  /** What an origin is to the cluster. */
  public enum Rank {
    /** A member as it lives now. */
    CURRENT,
    /** A member that has not been seen yet. */
    UNSEEN,
    /** A member that was known in another incarnation until now. */
    REBORN,
    /** A replica that was removed, or has been replaced by a later incarnation. */
    ENDED,
    /** None of the cluster. */
    STRANGER
  }

  /**
   * @param entries those of this replica's settings, and then what it has stored
   */
  public Membership(Collection<Entry> entries) {
    entries.forEach(this::merge);
  }

  /** Takes in what a write, or another replica, says; whether anything is new. */
  public boolean merge(Entry said) {
    int id = said.member.replicaId();
    Entry known = entries.get(id);
    if (known == null) {
      entries.put(id, said);
      return true;
    }
    var ended = new TreeSet<>(known.member.ended());
    ended.addAll(said.member.ended());
    Entry winner = isLater(said, known) ? said : known;
    Entry next = new Entry(winner.member.withEnded(ended), winner.version, winner.sequence);
    entries.put(id, next);
    seen.computeIfPresent(id, (i, origin) -> rank(origin) == Rank.ENDED ? null : origin);
    return !next.equals(known);
  }

  private static boolean isLater(Entry said, Entry known) {
    if (said.member.removals() != known.member.removals()) {
      return said.member.removals() > known.member.removals();
    }
    return said.version.isPresent()
        && (known.version.isEmpty() || known.version.get().compareTo(said.version.get()) < 0);
  }

  /** All that was ever known, those removed included; ascending by id. */
  public Collection<Entry> entries() {
    return Collections.unmodifiableCollection(entries.values());
  }

  public Optional<Entry> entry(int replicaId) {
    return Optional.ofNullable(entries.get(replicaId));
  }

  /** The ids of those that belong to the cluster. */
  public SortedSet<Integer> members() {
    return entries.values().stream()
        .map(Entry::member)
        .filter(member -> !member.removed())
        .map(Member::replicaId)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** All incarnations of which a write has said that they have ended. */
  public Set<Origin> ended() {
    return entries.values().stream()
        .map(Entry::member)
        .flatMap(
            member ->
                member.ended().stream()
                    .map(incarnation -> new Origin(member.replicaId(), incarnation)))
        .collect(Collectors.toSet());
  }

  /** As whom the members live but one; empty for each that has not been seen. */
  public List<Optional<Origin>> others(Origin self) {
    return members().stream().filter(id -> id != self.replicaId()).map(this::origin).toList();
  }

  /** As whom a member lives now; empty if it has not been seen, or is none. */
  public Optional<Origin> origin(int replicaId) {
    Entry known = entries.get(replicaId);
    if (known == null || known.member.removed()) {
      return Optional.empty();
    }
    return known.member.incarnation() == 0
        ? Optional.ofNullable(seen.get(replicaId))
        : Optional.of(new Origin(replicaId, known.member.incarnation()));
  }

  public Rank rank(Origin origin) {
    Entry known = entries.get(origin.replicaId());
    if (known == null) {
      return Rank.STRANGER;
    }
    if (known.member.removed() || known.member.ended().contains(origin.incarnation())) {
      return Rank.ENDED;
    }
    Optional<Origin> current = origin(origin.replicaId());
    return current.isEmpty()
        ? Rank.UNSEEN
        : current.get().equals(origin) ? Rank.CURRENT : Rank.REBORN;
  }

  /** Takes note of a member in the life in which it shows itself. */
  public void saw(Origin origin) {
    if (rank(origin) == Rank.UNSEEN) {
      seen.put(origin.replicaId(), origin);
    }
  }
}
