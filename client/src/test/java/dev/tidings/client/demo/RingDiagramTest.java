package dev.tidings.client.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.ReplicaStatus;
import dev.tidings.client.WriteInfo;
import dev.tidings.client.demo.Story.Said;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.VectorClock;
import dev.tidings.clock.Version;
import dev.tidings.spacetime.SpaceTime;
import dev.tidings.spacetime.SpaceTime.Kind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RingDiagramTest {
  private static final Origin ONE = new Origin(1, 7);
  private static final Origin TWO = new Origin(2, 7);

  private final StringWriter out = new StringWriter();
  private final Story story = new Story(new PrintWriter(out, true));

  /** As it is seen when polls come late: Bob reads before the observer of his replica does. */
  private void playRing() {
    said(RingWord.LOST, new Position(ONE, 1), 1, 0, Set.of());
    said(RingWord.FOUND, new Position(ONE, 2), 5, 3_000, Set.of(RingWord.LOST));
    reading("observer", 2, 2_010, RingWord.LOST);
    reading("Bob", 2, 5_000, RingWord.LOST, RingWord.FOUND);
    said(RingWord.GLAD, new Position(TWO, 1), 8, 5_001, Set.of(RingWord.LOST, RingWord.FOUND));
    reading("observer", 2, 5_010, RingWord.LOST, RingWord.FOUND, RingWord.GLAD);
    stalled(7_005);
    reading("observer", 1, 7_010, RingWord.LOST, RingWord.FOUND, RingWord.GLAD);
    reading("observer", 3, 15_005, RingWord.LOST);
    reading("observer", 3, 18_005, RingWord.LOST, RingWord.FOUND, RingWord.GLAD);
  }

  @Test
  void story_is_told_as_it_happens() {
    playRing();
    assertEquals(
        """
          0.0 s  Alice says "I have lost my wedding ring!" at replica 1 (1@1)
          3.0 s  Alice says "I have found my wedding ring!" at replica 1 (5@1)
          2.0 s  replica 2  shows "I have lost my wedding ring!"
          5.0 s  replica 2  shows "I have found my wedding ring!"
          5.0 s  Bob says "I am glad to hear that!" at replica 2 (8@2)
          5.0 s  replica 2  shows "I am glad to hear that!"
          7.0 s  replica 3  stalls "I am glad to hear that!" (8@2): waits for 1:1-2
          7.0 s  replica 1  shows "I have lost my wedding ring!"
          7.0 s  replica 1  shows "I have found my wedding ring!"
          7.0 s  replica 1  shows "I am glad to hear that!"
         15.0 s  replica 3  shows "I have lost my wedding ring!"
         18.0 s  replica 3  shows "I have found my wedding ring!"
         18.0 s  replica 3  shows "I am glad to hear that!" (stalled for 11.0 s)
        """,
        out.toString());
    assertTrue(story.verdict().isCausal());
    assertTrue(story.wasStalledAt(3));
    assertTrue(story.showsAll(3));
    assertTrue(story.notShownAt(1).isEmpty());
  }

  @Test
  void every_write_reaches_the_other_replicas_and_the_stall_lasts_until_it_is_shown() {
    playRing();
    SpaceTime diagram = RingDiagram.of("ring", story, 3);
    assertEquals(6, diagram.messages().size());
    assertEquals(1, diagram.stalls().size());
    var stall = diagram.stalls().get(0);
    assertEquals(Kind.STALLED, diagram.events().get(stall.from()).kind());
    assertEquals(7_005_000, diagram.events().get(stall.from()).timeMicros());
    assertEquals(18_005_000, diagram.events().get(stall.to()).timeMicros());
  }

  @Test
  void bobs_words_come_after_alices_in_vector_time() {
    playRing();
    SpaceTime diagram = RingDiagram.of("ring", story, 3);
    List<VectorClock> clocks = diagram.vectorClocks();
    assertEquals(
        VectorClock.Order.BEFORE,
        clocks
            .get(indexOf(diagram, "Alice says \"I have found"))
            .compare(clocks.get(indexOf(diagram, "Bob says"))));
  }

  private static int indexOf(SpaceTime diagram, String label) {
    for (int i = 0; i < diagram.events().size(); i++) {
      if (diagram.events().get(i).label().startsWith(label)) {
        return i;
      }
    }
    throw new AssertionError("no " + label + " in " + diagram);
  }

  private void said(
      RingWord word, Position position, long lamportTime, long millis, Set<RingWord> knew) {
    story.onSaid(
        new Said(
            word,
            new WriteInfo(new Version(lamportTime, position.origin()), position, null),
            millis * 1_000,
            knew));
  }

  private void reading(String reader, int replica, long millis, RingWord... shown) {
    story.onReading(new Reading(reader, replica, millis * 1_000, List.of(shown)));
  }

  private void stalled(long millis) {
    var glad =
        new ReplicaStatus.Stalled(
            new Position(TWO, 1), new Version(8, TWO), PositionSet.ofRange(ONE, 1, 2));
    story.onStatus(
        3,
        new ReplicaStatus(
            "ring",
            new Origin(3, 7),
            ReplicaStatus.Consistency.CAUSAL,
            10,
            PositionSet.EMPTY,
            PositionSet.of(new Position(TWO, 1)),
            List.of(glad),
            1,
            1,
            List.of(),
            true,
            ""),
        millis * 1_000);
  }
}
