package dev.tidings.torture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What is done to a cluster, and when: decided by a seed before it begins, so that a seed names a
 * run's faults. No process and no link has two faults at a time; different ones overlap at will.
 *
 * <p>One replica's disk is the small one that is filled, and another one's is wiped, as often as it
 * comes. So what two replicas hold is never lost, and every loss has one explanation.
 *
 * @param fullDisk the replica that has the small disk
 * @param wipedDisk the replica whose disk is wiped
 * @param deeds in the order of their times
 */
record Plan(int fullDisk, int wipedDisk, List<Deed> deeds) {
  private static final int SETTLE_MILLIS = 500;
  private static final int MEAN_PAUSE_MILLIS = 700;

  /**
   * One fault, from its beginning until it is healed.
   *
   * @param replica to whom, or the link's sender
   * @param peer the link's receiver; 0 for what is not done to a link
   * @param forward of a half-open link: whether what the sender sends is swallowed, or what comes
   *     back
   */
  record Deed(
      long atMillis, long untilMillis, Fault fault, int replica, int peer, boolean forward) {
    /** For people. */
    String words() {
      return switch (fault) {
        case KILL_ALL -> fault.words();
        case CUT, SLOW, HANG -> "%s %d>%d".formatted(fault.words(), replica, peer);
        case HALF_OPEN ->
            "%s %d>%d, what goes %s is swallowed"
                .formatted(fault.words(), replica, peer, forward ? "there" : "back");
        default -> "%s, replica %d".formatted(fault.words(), replica);
      };
    }
  }

  Plan {
    deeds = List.copyOf(deeds);
  }

  /**
   * @param replicas how many there are, 2 or more
   * @param faults those that may come; each comes about as often as it is listed
   */
  static Plan of(long seed, int replicas, long millis, List<Fault> faults) {
    var random = new SplittableRandom(seed);
    int fullDisk = 1 + random.nextInt(replicas);
    int wipedDisk = 1 + (fullDisk + random.nextInt(replicas - 1)) % replicas;
    Map<String, Long> busyUntil = new HashMap<>();
    var deeds = new ArrayList<Deed>();
    var bag = new ArrayList<Fault>();
    long at = SETTLE_MILLIS;
    while (at < millis - SETTLE_MILLIS) {
      if (bag.isEmpty()) {
        bag.addAll(faults);
      }
      Fault fault = bag.remove(random.nextInt(bag.size()));
      int replica =
          switch (fault) {
            case KILL_ALL -> 0;
            case FULL_DISK -> fullDisk;
            case WIPE -> wipedDisk;
            default -> 1 + random.nextInt(replicas);
          };
      int peer = fault.isOfLink() ? 1 + (replica + random.nextInt(replicas - 1)) % replicas : 0;
      long until =
          Math.min(millis, at + random.nextInt(fault.leastMillis(), fault.mostMillis() + 1));
      var deed = new Deed(at, until, fault, replica, peer, random.nextBoolean());
      List<String> needs = needs(deed, replicas);
      long now = at;
      if (needs.stream().allMatch(need -> busyUntil.getOrDefault(need, 0L) <= now)) {
        needs.forEach(need -> busyUntil.put(need, until));
        deeds.add(deed);
      }
      at += random.nextInt(2 * MEAN_PAUSE_MILLIS);
    }
    deeds.sort(Comparator.comparingLong(Deed::atMillis));
    return new Plan(fullDisk, wipedDisk, deeds);
  }

  /** What may have one fault at a time. */
  private static List<String> needs(Deed deed, int replicas) {
    var needs = new ArrayList<String>();
    for (int id = 1; id <= replicas; id++) {
      boolean isIt = id == deed.replica();
      switch (deed.fault()) {
        case KILL, RESTART, STOP, WIPE -> {
          if (isIt) {
            needs.add("process " + id);
          }
        }
        case KILL_ALL -> needs.add("process " + id);
        case FULL_DISK -> {
          if (isIt) {
            needs.add("disk " + id);
          }
        }
        case CUT, SLOW, HALF_OPEN, HANG -> {
          if (isIt) {
            needs.add("link %d>%d".formatted(id, deed.peer()));
          }
        }
        case ISOLATE -> {
          if (!isIt) {
            needs.add("link %d>%d".formatted(id, deed.replica()));
            needs.add("link %d>%d".formatted(deed.replica(), id));
          }
        }
      }
    }
    return needs;
  }
}
