package dev.tidings.causal;

import dev.tidings.clock.Position;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Increments of a counter that several replicas have accepted for one and the same request: they
 * are one.
 *
 * @param by what it adds
 * @param members two or more, each in its origin's part
 */
public record Twins(long by, Set<Position> members) {
  public Twins {
    members = Set.copyOf(members);
  }

  public Twins merge(Twins other) {
    var all = new HashSet<>(members);
    all.addAll(other.members);
    return new Twins(by, all);
  }

  /**
   * What is to be added to the sum of the parts, in which each member counts unless it has been
   * undone: who undoes one has undone all.
   */
  public long correction(List<Part> parts) {
    long standing = members.stream().filter(member -> !isUndone(member, parts)).count();
    return standing == members.size() ? by - standing * by : -standing * by;
  }

  private static boolean isUndone(Position member, List<Part> parts) {
    return parts.stream()
        .filter(part -> part.last().isPresent())
        .filter(part -> part.last().get().position().origin().equals(member.origin()))
        .anyMatch(part -> part.clearedUpTo() >= member.sequence());
  }
}
