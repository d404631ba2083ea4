package dev.tidings.causal;

import dev.tidings.clock.Position;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * One change of one object. The kinds of objects have key spaces of their own: a register and a
 * feed never collide.
 *
 * <p>Changes that undo what is there (a removal, a delete of a counter, a put of a multi-value
 * register) name what they undo. A client asks for them without; the replica that accepts the write
 * fills it in with what it shows, on which the write then depends. So a change undoes what its
 * writer could see, everywhere the same, and what is concurrent stays (Shapiro, Preguiça, Baquero
 * and Zawirski, "Conflict-free Replicated Data Types", SSS 2011: observed-remove).
 */
public sealed interface Mutation {
  /** The object's key or name; a field's name in a map. */
  Bytes key();

  /** Bytes of keys, values and elements: of a message with them more than half. */
  long size();

  /** Bytes of all of them. */
  static long size(List<Mutation> mutations) {
    long bytes = 0;
    for (Mutation mutation : mutations) {
      bytes += mutation.size();
    }
    return bytes;
  }

  /** Whether it names what it undoes; a client's does not. */
  default boolean isFilled() {
    return false;
  }

  /** Sets a register; the last writer by version wins. */
  record Put(Bytes key, Bytes value) implements Mutation {
    @Override
    public long size() {
      return (long) key.size() + value.size();
    }
  }

  /** Makes a register absent; a put of a lower version stays hidden for good. */
  record Delete(Bytes key) implements Mutation {
    @Override
    public long size() {
      return key.size();
    }
  }

  /** Adds an entry to a feed, which keeps every one in version order. */
  record Append(Bytes key, Bytes value) implements Mutation {
    @Override
    public long size() {
      return (long) key.size() + value.size();
    }
  }

  /**
   * Sets a multi-value register.
   *
   * @param value empty for a register without values
   * @param replaces the puts whose values it replaces
   */
  record MultiPut(Bytes key, Optional<Bytes> value, List<Position> replaces) implements Mutation {
    public MultiPut {
      replaces = List.copyOf(replaces);
    }

    @Override
    public boolean isFilled() {
      return !replaces.isEmpty();
    }

    @Override
    public long size() {
      return (long) key.size() + value.map(Bytes::size).orElse(0) + positions(replaces);
    }
  }

  /** Adds to a counter. */
  record Increment(Bytes key, long by) implements Mutation {
    @Override
    public long size() {
      return (long) key.size() + Long.BYTES;
    }
  }

  /** Takes back increments of a counter. */
  record CounterDelete(Bytes key, List<ObservedSum> observed) implements Mutation {
    public CounterDelete {
      observed = List.copyOf(observed);
    }

    @Override
    public boolean isFilled() {
      return !observed.isEmpty();
    }

    @Override
    public long size() {
      return (long) key.size() + (long) observed.size() * (POSITION_BYTES + Long.BYTES);
    }
  }

  /**
   * What the increments of one origin come to.
   *
   * @param upTo its last update of the counter
   */
  record ObservedSum(Position upTo, long sum) {}

  /** Adds elements to a set; each once, however often it is named. */
  record Add(Bytes key, List<Bytes> elements) implements Mutation {
    public Add {
      elements = List.copyOf(new LinkedHashSet<>(elements));
    }

    @Override
    public long size() {
      return key.size() + elements.stream().mapToLong(e -> e.size() + ELEMENT_BYTES).sum();
    }
  }

  /**
   * Undoes adds to a set.
   *
   * @param all as a client asks for it: whatever is in the set
   */
  record Remove(Bytes key, List<Removed> removed, boolean all) implements Mutation {
    public Remove {
      removed = List.copyOf(removed);
    }

    @Override
    public boolean isFilled() {
      return removed.stream().anyMatch(r -> !r.adds.isEmpty());
    }

    @Override
    public long size() {
      return key.size()
          + removed.stream()
              .mapToLong(r -> r.element.size() + ELEMENT_BYTES + positions(r.adds))
              .sum();
    }
  }

  /**
   * An element, and which adds of it are undone.
   *
   * @param adds the last of each origin that has added it
   */
  record Removed(Bytes element, List<Position> adds) {
    public Removed {
      adds = List.copyOf(adds);
    }
  }

  /**
   * Changes a field of a map.
   *
   * @param change of anything but a map
   */
  record InMap(Bytes map, Mutation change) implements Mutation {
    public InMap {
      if (change instanceof InMap || change instanceof MapDelete || change instanceof SetMember) {
        throw new IllegalArgumentException("a map has no fields of this kind: " + change);
      }
    }

    @Override
    public Bytes key() {
      return change.key();
    }

    @Override
    public boolean isFilled() {
      return change.isFilled();
    }

    @Override
    public long size() {
      return map.size() + change.size();
    }
  }

  /** Deletes a map's fields. The changes of the fields follow in the same write. */
  record MapDelete(Bytes key) implements Mutation {
    @Override
    public long size() {
      return key.size();
    }
  }

  /**
   * Says what is known of a member of the cluster; see {@link Membership}. Only replicas write it.
   */
  record SetMember(Member member) implements Mutation {
    @Override
    public Bytes key() {
      return Bytes.utf8("member " + member.replicaId());
    }

    @Override
    public long size() {
      return (long) key().size() + member.peerAddress().length();
    }
  }

  /** What an element counts as in a size, besides itself: there may be millions of small ones. */
  int ELEMENT_BYTES = 2;

  /** What a position counts as in a size. */
  int POSITION_BYTES = 16;

  private static long positions(List<Position> positions) {
    return (long) positions.size() * POSITION_BYTES;
  }
}
