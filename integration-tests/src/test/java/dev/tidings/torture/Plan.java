package dev.tidings.torture;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
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

  /** How long a process that was started again is left alone by what would end it again. */
  private static final int LIFE_MILLIS = 4_000;

  private static final int LIFE_AFTER_ALL_MILLIS = 10_000;

  /** How often each of the rare faults comes. */
  private static final int RARE_EVERY_MILLIS = 30_000;

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
   * A plan whose faults are all healed by its end.
   *
   * @param replicas how many there are, 2 or more
   * @param faults those that may come
   */
  static Plan of(long seed, int replicas, long millis, List<Fault> faults) {
    var maker = new Maker(new SplittableRandom(seed), replicas, millis);
    // First, or there would be no place left for them.
    List<Fault> rare = faults.stream().filter(Fault::isRare).toList();
    for (long from = 0; from < millis; from += RARE_EVERY_MILLIS) {
      for (Fault fault : rare) {
        maker.placeBetween(from, Math.min(millis, from + RARE_EVERY_MILLIS), fault);
      }
    }
    maker.placeAll(faults.stream().filter(fault -> !fault.isRare()).toList());
    return maker.plan();
  }

  /** Puts one deed after another where nothing is in its way. */
  private static final class Maker {
    private static final int TRIES = 20;

    private final SplittableRandom random;
    private final int replicas;
    private final long millis;
    private final int fullDisk;
    private final int wipedDisk;
    private final List<Deed> deeds = new ArrayList<>();

    Maker(SplittableRandom random, int replicas, long millis) {
      this.random = random;
      this.replicas = replicas;
      this.millis = millis;
      fullDisk = 1 + random.nextInt(replicas);
      wipedDisk = other(fullDisk);
    }

    private int other(int replica) {
      return 1 + (replica + random.nextInt(replicas - 1)) % replicas;
    }

    void placeBetween(long from, long to, Fault fault) {
      for (int i = 0; i < TRIES; i++) {
        if (place(random.nextLong(from, to), fault)) {
          return;
        }
      }
    }

    /** Each about as often. */
    void placeAll(List<Fault> faults) {
      var bag = new ArrayList<Fault>();
      long at = SETTLE_MILLIS;
      while (at < millis && !faults.isEmpty()) {
        if (bag.isEmpty()) {
          bag.addAll(faults);
        }
        Fault fault = bag.remove(random.nextInt(bag.size()));
        for (int i = 0; i < TRIES; i++) {
          if (place(at, fault)) {
            break;
          }
        }
        at += random.nextInt(2 * MEAN_PAUSE_MILLIS);
      }
    }

    private boolean place(long at, Fault fault) {
      int replica =
          switch (fault) {
            case KILL_ALL -> 0;
            case FULL_DISK -> fullDisk;
            case WIPE -> wipedDisk;
            default -> 1 + random.nextInt(replicas);
          };
      int peer = fault.isOfLink() ? other(replica) : 0;
      long until =
          Math.min(millis, at + random.nextInt(fault.leastMillis(), fault.mostMillis() + 1));
      var deed = new Deed(at, until, fault, replica, peer, random.nextBoolean());
      boolean fits = deeds.stream().noneMatch(other -> isInTheWay(other, deed));
      if (fits) {
        deeds.add(deed);
      }
      return fits;
    }

    private boolean isInTheWay(Deed one, Deed other) {
      return one.atMillis() < other.untilMillis() + lifeMillis(other.fault())
          && other.atMillis() < one.untilMillis() + lifeMillis(one.fault())
          && !Collections.disjoint(needs(one, replicas), needs(other, replicas));
    }

    Plan plan() {
      deeds.sort(Comparator.comparingLong(Deed::atMillis));
      return new Plan(fullDisk, wipedDisk, deeds);
    }
  }

  private static int lifeMillis(Fault fault) {
    return switch (fault) {
      case KILL, RESTART, WIPE -> LIFE_MILLIS;
      case KILL_ALL -> LIFE_AFTER_ALL_MILLIS;
      default -> 0;
    };
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
