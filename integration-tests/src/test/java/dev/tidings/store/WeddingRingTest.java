package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.causal.Consistency;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.TestSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The design's smallest story, at replica 3. */
final class WeddingRingTest {
  private static final String RING = "ring";
  private static final String LOST = "Alice: I have lost my wedding ring!";
  private static final String FOUND = "Alice: I have found my wedding ring!";
  private static final String GLAD = "Bob: I am glad to hear that!";

  /**
   * Slow links to replica 3 in every order; Alice finds the ring at replica 4, so that no two
   * writes share a link.
   */
  static Stream<List<Integer>> ordersOfArrival() {
    return Stream.of(
        List.of(1, 4, 2),
        List.of(1, 2, 4),
        List.of(4, 1, 2),
        List.of(4, 2, 1),
        List.of(2, 1, 4),
        List.of(2, 4, 1));
  }

  private static String delays(List<Integer> originsInOrder) {
    var delays = new ArrayList<String>();
    for (int i = 0; i < originsInOrder.size(); i++) {
      delays.add("%d>3=%ds".formatted(originsInOrder.get(i), 20 * (i + 1)));
    }
    return String.join(",", delays);
  }

  /** Alice loses and finds, Bob reads and is glad; all at once but for the links to replica 3. */
  private static void play(Cluster cluster) {
    TestSession alice = cluster.session(1);
    alice.write(append(RING, LOST));
    alice.moveTo(4).write(append(RING, FOUND));
    cluster.time().advance(Duration.ofSeconds(1));
    TestSession bob = cluster.session(2);
    assertEquals(List.of(LOST, FOUND), bob.entries(RING));
    bob.write(append(RING, GLAD));
  }

  /** What a new reader at replica 3 sees, each time that it changes. */
  private static List<List<String>> shownAtReplica3(Cluster cluster) {
    var shown = new ArrayList<List<String>>();
    for (int second = 0; second < 90; second++) {
      List<String> now = cluster.session(3).entries(RING);
      if (shown.isEmpty() || !now.equals(shown.get(shown.size() - 1))) {
        shown.add(now);
      }
      cluster.time().advance(Duration.ofSeconds(1));
    }
    return shown;
  }

  @ParameterizedTest
  @MethodSource("ordersOfArrival")
  void nobody_sees_an_answer_without_what_it_answers(List<Integer> originsInOrder) {
    try (Cluster cluster = Cluster.started(4, delays(originsInOrder))) {
      play(cluster);
      List<List<String>> shown = shownAtReplica3(cluster);
      List<List<String>> causal =
          List.of(List.of(), List.of(LOST), List.of(LOST, FOUND), List.of(LOST, FOUND, GLAD));
      assertTrue(causal.containsAll(shown), () -> "shown: " + shown);
      assertEquals(List.of(LOST, FOUND, GLAD), shown.get(shown.size() - 1));
      cluster.converge();
    }
  }

  @Test
  void in_an_eventual_cluster_the_anomaly_is_there_to_be_seen() {
    try (Cluster cluster = Cluster.started(4, delays(List.of(2, 1, 4)), Consistency.EVENTUAL)) {
      play(cluster);
      assertEquals(
          List.of(List.of(), List.of(GLAD), List.of(LOST, GLAD), List.of(LOST, FOUND, GLAD)),
          shownAtReplica3(cluster));
    }
  }

  @Test
  void replica_3_says_what_it_stalls_and_for_what_and_shows_it_right_after() {
    try (Cluster cluster = Cluster.started(3, "1-2=2s,2-3=2s,1-3=15s")) {
      TestSession alice = cluster.session(1);
      alice.write(append(RING, LOST));
      cluster.time().advance(Duration.ofSeconds(3));
      alice.advanceClock(3).write(append(RING, FOUND));
      TestSession bob = cluster.session(2);
      cluster
          .time()
          .until("Bob reads found", Duration.ofSeconds(5), () -> bob.entries(RING).contains(FOUND));
      bob.write(append(RING, GLAD));
      cluster.time().advance(Duration.ofSeconds(5));
      assertEquals(1, cluster.status(3).getStalledNow());
      assertEquals(List.of(), cluster.session(3).entries(RING));
      cluster.converge();

      assertEquals(
          List.of(
              LOST + " (received from replica 1 at Lamport time 3)",
              FOUND + " (received from replica 1 at Lamport time 7)",
              GLAD + " (received directly from client at Lamport time 8)"),
          ofWrites(cluster.story(2)));
      assertEquals(
          List.of(
              "stalled: "
                  + GLAD
                  + " (version 8@2, received from replica 2 at Lamport time 10) until write 1:1-2 is"
                  + " visible here",
              LOST + " (received from replica 1 at Lamport time 16)",
              FOUND + " (received from replica 1 at Lamport time 20)",
              "visible after 11.0 s: " + GLAD + " (version 8@2)"),
          ofWrites(cluster.story(3)));
    }
  }

  private static List<String> ofWrites(List<String> story) {
    return story.stream().filter(line -> !line.contains(" connected; ")).toList();
  }
}
