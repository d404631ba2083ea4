package dev.tidings.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.torture.Plan.Deed;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class PlanTest {
  private static final int REPLICAS = 5;
  private static final long MILLIS = 60_000;
  private static final List<Fault> ALL = List.of(Fault.values());

  private static Plan plan(long seed) {
    return Plan.of(seed, REPLICAS, MILLIS, ALL);
  }

  @Test
  void a_seed_names_a_plan() {
    assertEquals(plan(7), plan(7));
    assertNotEquals(plan(7), plan(8));
  }

  @Test
  void only_what_was_asked_for_comes_and_all_of_it() {
    for (long seed = 0; seed < 40; seed++) {
      for (List<Fault> faults : List.of(ALL, Fault.USUAL, List.of(Fault.KILL, Fault.HANG))) {
        Plan plan = Plan.of(seed, REPLICAS, MILLIS, faults);
        Set<Fault> came = plan.deeds().stream().map(Deed::fault).collect(Collectors.toSet());
        assertEquals(EnumSet.copyOf(faults), came, "seed " + seed);
      }
    }
  }

  @Test
  void all_is_healed_in_the_end() {
    for (long seed = 0; seed < 40; seed++) {
      for (Deed deed : plan(seed).deeds()) {
        assertTrue(deed.atMillis() <= deed.untilMillis() && deed.untilMillis() <= MILLIS);
      }
    }
  }

  @Test
  void no_process_and_no_link_has_two_faults_at_a_time() {
    for (long seed = 0; seed < 40; seed++) {
      List<Deed> deeds = plan(seed).deeds();
      for (int i = 0; i < deeds.size(); i++) {
        for (int j = i + 1; j < deeds.size(); j++) {
          Deed first = deeds.get(i);
          Deed second = deeds.get(j);
          if (second.atMillis() < first.untilMillis()) {
            Set<String> both = new HashSet<>(touched(first));
            both.retainAll(touched(second));
            assertEquals(Set.of(), both, () -> first + " and " + second);
          }
        }
      }
    }
  }

  private static Set<String> touched(Deed deed) {
    Set<String> touched = new HashSet<>();
    for (int id = 1; id <= REPLICAS; id++) {
      for (int peer = 1; peer <= REPLICAS; peer++) {
        boolean isThisLink = id == deed.replica() && peer == deed.peer();
        boolean isOfReplica = id == deed.replica() || peer == deed.replica();
        if (isThisLink || (deed.fault() == Fault.ISOLATE && isOfReplica)) {
          touched.add(id + ">" + peer);
        }
      }
      boolean isOfProcess =
          Set.of(Fault.KILL, Fault.RESTART, Fault.STOP, Fault.WIPE).contains(deed.fault());
      if (deed.fault() == Fault.KILL_ALL || (isOfProcess && id == deed.replica())) {
        touched.add("process " + id);
      }
    }
    if (deed.fault() == Fault.FULL_DISK) {
      touched.add("disk");
    }
    return touched;
  }

  @Test
  void the_wiped_disk_is_always_the_same_one_and_not_the_small_one() {
    for (long seed = 0; seed < 40; seed++) {
      Plan plan = plan(seed);
      assertNotEquals(plan.fullDisk(), plan.wipedDisk());
      for (Deed deed : plan.deeds()) {
        if (deed.fault() == Fault.WIPE) {
          assertEquals(plan.wipedDisk(), deed.replica());
        } else if (deed.fault() == Fault.FULL_DISK) {
          assertEquals(plan.fullDisk(), deed.replica());
        }
      }
    }
  }

  @Test
  void links_are_between_two_replicas() {
    for (Deed deed : plan(1).deeds()) {
      if (deed.fault().isOfLink()) {
        assertNotEquals(deed.replica(), deed.peer());
        assertTrue(deed.peer() >= 1 && deed.peer() <= REPLICAS);
      } else {
        assertEquals(0, deed.peer());
      }
    }
  }
}
