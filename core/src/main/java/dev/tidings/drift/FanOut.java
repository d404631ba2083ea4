package dev.tidings.drift;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/**
 * The hosts of an experiment, and who of them gets what one of them sends. Ids are compared as
 * numbers: host 9999 comes before host 10000. Immutable.
 */
public final class FanOut {
  /** Ascending. */
  private final List<Integer> hostIds;

  /**
   * @param hostIds of all hosts, each 1 or more and there once; in any order
   */
  public FanOut(Collection<Integer> hostIds) {
    this.hostIds = hostIds.stream().sorted().distinct().toList();
    if (this.hostIds.size() < hostIds.size()) {
      throw new IllegalArgumentException("an id is there twice in " + hostIds);
    }
    if (this.hostIds.isEmpty() || this.hostIds.get(0) < 1) {
      throw new IllegalArgumentException(hostIds + " are not ids of 1 or more");
    }
  }

  /** Ascending. */
  public List<Integer> hostIds() {
    return hostIds;
  }

  /**
   * The hosts that get a message, ascending.
   *
   * @param from the sender, one of the hosts; never among the recipients
   * @param target 0 for all others, k for the k-th of the others in the order of their ids
   * @throws NoSuchTargetException if there are fewer others than k, or the target is negative
   */
  public List<Integer> recipients(int from, int target) {
    if (target == Target.BROADCAST) {
      return others(from);
    }
    int place = place(from);
    int others = hostIds.size() - 1;
    if (target < 0 || target > others) {
      throw new NoSuchTargetException(
          "host %d has %d other hosts: there is no target %s, only 0 (all of them) to %d"
              .formatted(from, others, Integer.toUnsignedString(target), others));
    }
    return List.of(hostIds.get(target <= place ? target - 1 : target));
  }

  private int place(int hostId) {
    int place = Collections.binarySearch(hostIds, hostId);
    if (place < 0) {
      throw new IllegalArgumentException("host " + hostId + " is none of " + hostIds);
    }
    return place;
  }

  /** All hosts but this one, ascending. */
  public List<Integer> others(int hostId) {
    var others = new ArrayList<>(hostIds);
    others.remove(place(hostId));
    return others;
  }
}
