package dev.tidings.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Histories that are strange, and which a checker that is too strict would call not causal. */
class LegalHistoriesTest {
  private static final Set<Model> ALL = EnumSet.allOf(Model.class);

  @Test
  void twoReadersMayLearnOfTwoKeysInOppositeOrders() {
    assertCausalBy(
        ALL,
        """
        alice w x 1
        bob w y 1
        carol r x 1
        carol r y -
        dave r y 1
        dave r x -
        """);
  }

  @Test
  void readersOfOneKeyInOppositeOrdersConvergeNot() {
    assertCausalBy(
        EnumSet.of(Model.CC, Model.SESSION),
        """
        alice w x 1
        bob w x 2
        carol r x 1
        carol r x 2
        dave r x 2
        dave r x 1
        """);
  }

  @Test
  void anUpdateMayBeLost() {
    assertCausalBy(
        ALL,
        """
        alice [ r x - ; w x 1 ]
        bob [ r x - ; w x 2 ]
        alice r x 2
        bob r x 2
        """);
  }

  @Test
  void writesMaySkew() {
    assertCausalBy(
        ALL,
        """
        alice [ r x - ; r y - ; w x 1 ]
        bob [ r x - ; r y - ; w y 1 ]
        alice [ r x 1 ; r y - ]
        bob [ r x - ; r y 1 ]
        """);
  }

  @Test
  void readsMayBeStaleForAsLongAsTheyLike() {
    assertCausalBy(
        ALL,
        """
        alice w x 1
        alice w x 2
        bob r x -
        bob r x -
        bob r x 1
        bob w x 3
        bob r x 3
        carol r x 1
        carol r x 1
        """);
  }

  @Test
  void aSessionMayOverwriteWhatItHasNotSeen() {
    assertCausalBy(
        ALL,
        """
        alice w x 1 @1
        bob w x 2 @2
        bob r x 2 @2
        alice r x 2 @2
        carol r x 1 @1
        """);
  }

  @Test
  void valuesThatNobodyReadNeedNotBeUnique() {
    assertCausalBy(
        ALL,
        """
        alice w x 1
        alice w x 1
        bob w x 1
        carol r y -
        """);
  }

  @Test
  void valuesNeedNotBeUniqueAmongKeys() {
    assertCausalBy(
        ALL,
        """
        alice w x 1
        alice w y 1
        bob r x 1
        bob r y -
        """);
  }

  @Test
  void anUnknownWriteMayNeverBeSeen() {
    assertCausalBy(
        ALL,
        """
        alice w x 1 ?
        alice r x -
        bob r x -
        """);
  }

  @Test
  void anUnknownWriteMayBeSeenByOneAndLaterNotByAnother() {
    assertCausalBy(
        ALL,
        """
        alice w x 1 ?
        bob r x 1
        carol r x -
        alice r x -
        """);
  }

  @Test
  void anUnknownWriteMayTakeEffectAfterWhatItsSessionDidLater() {
    assertCausalBy(
        ALL,
        """
        alice w x 1 ?
        alice w x 2
        alice r x 2
        alice r x 1
        bob r x 2
        bob r x 1
        """);
  }

  @Test
  void anUnknownWriteMayTakeEffectBeforeWhatItsSessionDidLater() {
    assertCausalBy(
        ALL,
        """
        alice w x 1 ?
        bob r x 1
        alice w x 2
        bob r x 2
        alice r x 2
        """);
  }

  @Test
  void anUnknownGroupMayHaveReadWhatItLikesUnlessSeen() {
    assertCausalBy(
        ALL,
        """
        alice w x 1
        alice [ r x - ; r y 99 ; w y 1 ] ?
        alice r y -
        bob r x 1
        """);
  }

  @Test
  void nothingMayBeReadOfNothing() {
    assertCausalBy(
        ALL,
        """
        alice r x -
        alice [ r x - ; r y - ]
        bob r x -
        """);
  }

  @Test
  void aDeletedKeyIsAbsent() {
    assertCausalBy(
        ALL,
        """
        alice w x 1 @1
        alice w x - @2
        alice r x - @2
        bob r x never
        bob r x 1 @1
        bob r x - @2
        final 1 x - @2
        """);
  }

  @Test
  void aReadOfNothingMayHaveReadWhateverExplainsIt() {
    assertCausalBy(
        ALL,
        """
        alice w x 1
        alice w x -
        alice r x -
        bob r x -
        carol w y 1 @1
        carol r y 1 @1
        final 1 x -
        """);
  }

  @Test
  void aWriteWithoutAnAnswerThatNobodySawTakesNoVersion() {
    assertCausalBy(
        ALL,
        """
        alice w x 1 @2 ?
        bob w x 2 @2
        """);
  }

  @Test
  void whatIsNotToldOfAReplicaIsNotKnown() {
    assertCausalBy(
        ALL,
        """
        alice w x 1
        alice w y 1
        final 1 x 1
        final 2 y 1
        """);
  }

  @Test
  void readsThatDidNotHappenMakeNothingAmbiguous() {
    assertCausalBy(
        ALL,
        """
        alice w x 1
        bob w x 1
        carol r x 1 !
        dave r x 1 ?
        """);
  }

  @Test
  void aVersionMayBeOfWhicheverDeleteWithoutAnAnswerExplainsIt() {
    assertCausalBy(
        ALL,
        """
        alice w x 1 @1
        alice w x - ?
        bob w x - ?
        carol r x - @5
        dave r x - @5
        dave w y 2 @6
        bob r y 2 @6
        bob r x - @5
        """);
  }

  @Test
  void aReplicaMayHaveForgottenADelete() {
    assertCausalBy(
        ALL,
        """
        alice w x 1 @1
        alice w x - @2
        bob r x - @2
        final 1 x - @2
        final 2 x -
        """);
  }

  @Test
  void theEndMayBeAnyOfConcurrentWrites() {
    for (int value = 1; value <= 2; value++) {
      assertCausalBy(
          ALL,
          """
          alice w x 1
          bob w x 2
          final 1 x %1$d
          final 2 x %1$d
          """
              .formatted(value));
    }
  }

  @Test
  void nothingAtAllIsCausal() {
    assertCausalBy(ALL, "");
  }

  @Test
  void refusedWritesThatNobodySawDoNoHarm() {
    assertCausalBy(
        ALL,
        """
        alice w x 1 !
        alice r x -
        alice [ r x 7 ; w x 2 ] !
        bob r x -
        final 1 x -
        """);
  }

  @Test
  void aRefusedDeleteIsNotMistakenForWhatWasNeverWritten() {
    assertCausalBy(
        ALL,
        """
        alice w x - !
        bob r x -
        """);
  }

  @Test
  void clocksOfClientsMayGoBackwards() {
    var builder = new History.Builder();
    builder.group("alice", Outcome.OK, "1", 900, 1000);
    builder.write(1, "x", "1", null);
    builder.group("alice", Outcome.OK, "1", 500, 400);
    builder.read(2, "x", "1", null);
    builder.group("bob", Outcome.OK, "2", 10, 20);
    builder.read(3, "x", "1", null);
    builder.group("bob", Outcome.OK, "2", History.NO_TIME, 5);
    builder.read(4, "x", "1", null);
    assertEquals(ALL, causalBy(builder.build()));
  }

  private static void assertCausalBy(Set<Model> models, String history) {
    assertEquals(models, causalBy(Histories.of(history)), history);
  }

  private static Set<Model> causalBy(History history) {
    return Stream.of(Model.values())
        .filter(model -> Checker.judge(history, model, done -> {}).isCausal())
        .collect(Collectors.toSet());
  }
}
