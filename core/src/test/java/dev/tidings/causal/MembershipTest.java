package dev.tidings.causal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.causal.Membership.Entry;
import dev.tidings.causal.Membership.Rank;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Version;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class MembershipTest {
  private static final Origin ONE = new Origin(1, 11);
  private static final Origin TWO = new Origin(2, 22);
  private static final Origin TWO_AGAIN = new Origin(2, 23);

  private static Entry founding(int id) {
    return Entry.founding(Member.of(id, ""));
  }

  private static Entry told(Member member, long lamport) {
    return new Entry(member, Optional.of(new Version(lamport, ONE)), lamport);
  }

  private static Membership founders(int... ids) {
    var entries = new ArrayList<Entry>();
    for (int id : ids) {
      entries.add(founding(id));
    }
    return new Membership(entries);
  }

  @Test
  void a_member_is_unseen_until_it_shows_itself_and_then_reborn_in_any_other_life() {
    Membership membership = founders(1, 2);
    assertEquals(Rank.UNSEEN, membership.rank(TWO));
    membership.saw(TWO);
    assertEquals(Rank.CURRENT, membership.rank(TWO));
    assertEquals(Rank.REBORN, membership.rank(TWO_AGAIN));
    membership.saw(TWO_AGAIN);
    assertEquals(Optional.of(TWO), membership.origin(2));
    assertEquals(Rank.STRANGER, membership.rank(new Origin(3, 1)));
  }

  @Test
  void a_life_that_has_ended_never_comes_back() {
    Membership membership = founders(1, 2);
    Member before = Member.of(2, "").reborn(22);
    assertTrue(membership.merge(told(before.reborn(23), 5)));
    assertEquals(Rank.ENDED, membership.rank(TWO));
    assertEquals(Rank.CURRENT, membership.rank(TWO_AGAIN));
    // A later write by someone who had not seen the rebirth.
    membership.merge(told(before.at("elsewhere:1"), 9));
    assertEquals(Rank.ENDED, membership.rank(TWO));
    assertEquals("elsewhere:1", membership.entry(2).orElseThrow().member().peerAddress());
  }

  @Test
  void who_is_removed_is_no_member_until_it_joins_again_in_another_life() {
    Membership membership = founders(1, 2);
    membership.saw(TWO);
    Member member = Member.of(2, "h:2").reborn(22);
    membership.merge(told(member.gone(), 3));
    assertEquals(Set.of(1), membership.members());
    assertEquals(Rank.ENDED, membership.rank(TWO));
    assertEquals(Rank.ENDED, membership.rank(TWO_AGAIN));
    membership.merge(told(membership.entry(2).orElseThrow().member().at("h:3"), 4));
    assertEquals(Set.of(1, 2), membership.members());
    assertEquals(Rank.ENDED, membership.rank(TWO));
    assertEquals(Rank.UNSEEN, membership.rank(TWO_AGAIN));
  }

  @Test
  void a_removal_is_taken_back_only_by_one_who_has_seen_it() {
    Member known = Member.of(2, "h:2").reborn(22);
    Membership membership = founders(1, 2);
    membership.merge(told(known.gone(), 1));
    // Who took in another replica meanwhile, or saw this one come back, had not heard of it.
    membership.merge(told(known.at("h:3"), 2));
    membership.merge(told(known.reborn(23), 3));
    assertEquals(Rank.ENDED, membership.rank(TWO_AGAIN));
    assertEquals(Set.of(1), membership.members());
    membership.merge(told(known.gone().at("h:4"), 4));
    assertEquals(Set.of(1, 2), membership.members());
  }

  @Test
  void replicas_that_have_seen_the_same_agree_whatever_the_order() {
    for (long seed = 1; seed <= 300; seed++) {
      var chance = new Random(seed);
      var said = new ArrayList<Entry>();
      for (int i = 0; i < 6; i++) {
        var ended = new TreeSet<Integer>();
        if (chance.nextBoolean()) {
          ended.add(1 + chance.nextInt(4));
        }
        var member =
            new Member(
                1 + chance.nextInt(3),
                chance.nextInt(5),
                ended,
                chance.nextInt(4) == 0,
                chance.nextInt(3),
                "h:" + i);
        said.add(told(member, 1 + i));
      }
      Membership one = founders(1, 2);
      said.forEach(one::merge);
      Collections.shuffle(said, chance);
      Membership other = founders(1, 2);
      said.forEach(other::merge);
      said.forEach(entry -> assertFalse(other.merge(entry)));
      assertEquals(List.copyOf(one.entries()), List.copyOf(other.entries()), "seed " + seed);
    }
  }

  @Test
  void whoever_has_heard_of_a_removal_can_say_so_though_the_member_was_never_seen() {
    Member once = Member.of(2, "h:2").gone();
    Member twice = once.at("h:2").gone();
    assertEquals(1, once.ended().size());
    assertEquals(2, twice.ended().size(), "each removal has a name of its own");
    var membership = new Membership(List.of());
    membership.merge(told(once, 1));
    assertEquals(Set.of(new Origin(2, once.ended().first())), membership.ended());
  }
}
