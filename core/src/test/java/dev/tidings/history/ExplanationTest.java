package dev.tidings.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.history.RandomHistories.Kind;
import dev.tidings.history.Violation.Step;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each sentence of an explanation is understood, and compared with the history. */
class ExplanationTest {
  private static final int SEEDS = 2_000;

  private static final java.util.regex.Pattern SENTENCE =
      java.util.regex.Pattern.compile(
          "line (?<line>\\d+): (?:at the end replica (?<replica>\\w+)|(?<who>\\w+)) "
              + "(?<link>then |in the same group |)(?<did>"
              + "(?<verb>wrote|read|held) (?<key>\\w+) = (?<value>\\w+)"
              + "|deleted (?<deleted>\\w+)"
              + "|(?:held|read) nothing for (?<missing>\\w+)"
              + "|read that (?<absent>\\w+) was (?<why>never written|deleted))"
              + "(?<claims>.*)");

  /** What a sentence may say beyond what was done; several of them may follow each other. */
  private enum Claim {
    OLDER_VERSION(
        " \\(line (\\d+)\\) at version (\\d+), older than version (\\d+) \\(line (\\d+)\\)"),
    NEWER_VERSION(" at version (\\d+), newer than version (\\d+) \\(line (\\d+)\\)"),
    LOWER_VERSION(" at version (\\d+), older than version (\\d+) \\(line (\\d+)\\)"),
    AT_VERSION(" at version (\\d+)"),
    REPLACED(" \\(line (\\d+)\\), which line (\\d+) had replaced"),
    MUST_BE_NEWER(
        " \\(line (\\d+)\\): so that is newer than (?:\\w+ = \\w+|the delete of \\w+) \\(line (\\d+)\\)"),
    ALTHOUGH(", although line (\\d+) had (written|deleted) it"),
    SOURCE("(?:, (written|deleted))? in line (\\d+)"),
    ALL_THE_SAME(" all the same"),
    NOT_HAPPENED(", and it did not happen"),
    NEVER_TO_BE_SEEN(", which was never to be seen"),
    REPLACES(", which replaced it"),
    INSTEAD(" instead"),
    ONLY_AFTER(", only after it was read"),
    NOBODY_WROTE(", which nobody wrote"),
    OTHER_AT_VERSION(
        ", which is not what was written at that version: line (\\d+) (?:wrote (\\w+) = (\\w+)|deleted (\\w+))"),
    HAD_READ(", which line (\\d+) had read before");

    final java.util.regex.Pattern form;

    Claim(String form) {
      this.form = java.util.regex.Pattern.compile(form);
    }
  }

  /** An order that neither the versions nor the reads forbid by themselves. */
  private static final String VERSIONS_AND_READS_TOGETHER =
      """
      alice w x 1 @1
      bob w x 2 @2
      carol w x 3
      dave r x 2
      dave r x 3
      erin r x 3
      erin r x 1
      """;

  private final Set<Claim> met = EnumSet.noneOf(Claim.class);

  @Test
  void everySentenceSaysWhatTheHistorySays() {
    Set<Pattern> explained = EnumSet.noneOf(Pattern.class);
    for (Kind kind : Kind.values()) {
      for (int seed = 0; seed < SEEDS; seed++) {
        read(RandomHistories.random(kind, seed), explained);
      }
    }
    read(VERSIONS_AND_READS_TOGETHER, explained);
    assertEquals(EnumSet.complementOf(EnumSet.copyOf(ObjectsTest.PATTERNS)), explained);
    assertEquals(EnumSet.allOf(Claim.class), met);
  }

  private void read(String text, Set<Pattern> explained) {
    History history = Histories.of(text);
    for (Model model : Model.values()) {
      Judgement judgement = Checker.judge(history, model, done -> {});
      judgement
          .violation()
          .ifPresent(
              violation -> {
                explained.add(violation.pattern());
                var reading = new Reading(history, violation, text + "\n" + model);
                reading.check();
                reading.holds(
                    violation.guarantee() == null
                        || judgement.broken().contains(violation.guarantee()),
                    "the guarantee is broken");
              });
    }
  }

  @Test
  void ofTwoViolationsTheShorterIsExplained() {
    History history =
        Histories.of(
            """
            alice w x 1
            alice w x 2
            alice w y 1
            bob r y 1
            bob r x 1
            carol w k 1
            dave r k 1
            dave w m 1
            erin [ r m 1 ; w k 2 ]
            frank r k 2
            frank r k 1
            """);
    for (Model model : List.of(Model.CC, Model.CCV)) {
      Violation violation = Checker.judge(history, model, done -> {}).violation().orElseThrow();
      assertEquals(
          "line 5: bob then read x = 1 (line 1), which line 2 had replaced",
          violation.steps().get(violation.steps().size() - 1).text());
    }
  }

  /** One explanation, beside its history. */
  private final class Reading {
    private final History history;
    private final NaiveCausality causality;
    private final List<Step> steps;
    private final String all;
    private int op;
    private int before;
    private int told;

    Reading(History history, Violation violation, String text) {
      this.history = history;
      causality = new NaiveCausality(history);
      steps = violation.steps();
      all =
          text
              + "\n"
              + violation.headline()
              + "\n"
              + steps.stream().map(Step::text).collect(Collectors.joining("\n"));
    }

    void check() {
      holds(new HashSet<>(steps).size() == steps.size(), "nothing is told twice");
      before = -1;
      for (Step step : steps) {
        op = step.operation();
        told++;
        int from = step.from();
        holds(from == -1 || from == causality.source(op), step.text() + ": from " + from);
        Matcher sentence = SENTENCE.matcher(step.text());
        holds(sentence.matches(), "nobody understands " + step.text());
        holds(isDoer(sentence), step.text() + ": by whom");
        holds(isDone(sentence), step.text() + ": what");
        holds(isLinked(sentence.group("link")), step.text() + ": behind the sentence before");
        claims(step.text(), sentence.group("claims"));
        before = op;
      }
    }

    private void holds(boolean claim, String what) {
      assertTrue(claim, () -> what + "\n" + all);
    }

    private boolean isDoer(Matcher sentence) {
      int group = history.group(op);
      return history.line(op) == Integer.parseInt(sentence.group("line"))
          && (history.isFinal(group)
              ? Objects.equals(history.replica(group), sentence.group("replica"))
              : history.sessionName(history.session(group)).equals(sentence.group("who")));
    }

    private boolean isDone(Matcher sentence) {
      String key = history.register(op).key();
      boolean ends = history.isFinal(history.group(op));
      if (sentence.group("verb") != null) {
        String verb = history.isWrite(op) ? "wrote" : ends ? "held" : "read";
        return sentence.group("verb").equals(verb)
            && sentence.group("key").equals(key)
            && sentence.group("value").equals(history.valueName(op));
      }
      if (history.valueName(op) != null) {
        return false;
      }
      if (history.isWrite(op)) {
        return key.equals(sentence.group("deleted"));
      }
      if (ends || sentence.group("missing") != null) {
        return key.equals(sentence.group("missing"));
      }
      String why = causality.source(op) < 0 ? "never written" : "deleted";
      return key.equals(sentence.group("absent")) && why.equals(sentence.group("why"));
    }

    private boolean isLinked(String link) {
      return switch (link) {
        case "then " ->
            before >= 0 && causality.inSession(history.group(before), history.group(op));
        case "in the same group " -> before >= 0 && history.group(before) == history.group(op);
        default -> true;
      };
    }

    private void claims(String sentence, String claims) {
      String left = claims;
      while (!left.isEmpty()) {
        String rest = left;
        Claim claim = null;
        for (Claim each : Claim.values()) {
          Matcher form = each.form.matcher(rest);
          if (form.lookingAt()) {
            claim = each;
            holds(isTrue(each, form), sentence + ": " + each);
            left = rest.substring(form.end());
            break;
          }
        }
        holds(claim != null, "nobody understands \"" + rest + "\" in " + sentence);
        met.add(Objects.requireNonNull(claim));
      }
    }

    private boolean isTrue(Claim claim, Matcher form) {
      return switch (claim) {
        case OLDER_VERSION ->
            isSource(form.group(1))
                && causality.hasVersion(causality.source(op), form.group(2))
                && Long.parseLong(form.group(2)) < Long.parseLong(form.group(3))
                && isWritten(
                    form.group(4), write -> hasVersion(write, form.group(3)) && known(write));
        case NEWER_VERSION ->
            hasVersion(op, form.group(1))
                && Long.parseLong(form.group(1)) > Long.parseLong(form.group(2))
                && isWritten(form.group(3), write -> hasVersion(write, form.group(2)));
        case LOWER_VERSION ->
            hasVersion(op, form.group(1))
                && Long.parseLong(form.group(1)) < Long.parseLong(form.group(2))
                && isWritten(
                    form.group(3),
                    write -> hasVersion(write, form.group(2)) && isToldBefore(write, op));
        case AT_VERSION -> form.group(1).equals(String.valueOf(history.version(op)));
        case REPLACED ->
            isSource(form.group(1))
                && isWritten(
                    form.group(2),
                    write -> isToldBefore(causality.source(op), write) && known(write));
        case MUST_BE_NEWER ->
            isSource(form.group(1))
                && !form.group(1).equals(form.group(2))
                && isWritten(form.group(2), this::known);
        case ALTHOUGH ->
            causality.source(op) == NaiveCausality.INITIAL
                && isWritten(form.group(1), write -> known(write) && isVerb(write, form.group(2)));
        case SOURCE ->
            isSource(form.group(2))
                && isVerb(causality.source(op), form.group(1) == null ? "deleted" : form.group(1));
        case ALL_THE_SAME -> outcome(causality.source(op)) == Outcome.ABORTED;
        case NOT_HAPPENED -> outcome(op) == Outcome.ABORTED;
        case NEVER_TO_BE_SEEN ->
            steps.stream().anyMatch(step -> isLaterOfKey(causality.source(op), step.operation()));
        case REPLACES -> isLaterOfKey(before, op);
        case INSTEAD ->
            isSameKey(before, op)
                && causality.source(op)
                    != (history.isWrite(before) ? before : causality.source(before));
        case ONLY_AFTER -> history.isWrite(op) && !differs(before, op) && before < op;
        case NOBODY_WROTE -> causality.source(op) == NaiveCausality.NOBODY;
        case OTHER_AT_VERSION ->
            isAnyWritten(
                form.group(1),
                write ->
                    Objects.equals(history.version(write), history.version(op))
                        && differs(write, op)
                        && Objects.equals(form.group(3), history.valueName(write)));
        case HAD_READ ->
            history.isWrite(op)
                && operations(form.group(1))
                    .anyMatch(read -> !history.isWrite(read) && causality.source(read) == op)
                && history.line(steps.get(0).operation()) == Integer.parseInt(form.group(1));
      };
    }

    private boolean known(int write) {
      return isToldBefore(write, op);
    }

    /** Whether it is so, and follows from no more than what is told up to here. */
    private boolean isToldBefore(int first, int second) {
      var reached = new HashSet<>(Set.of(first));
      for (int pass = 0; pass < told; pass++) {
        for (Step step : steps.subList(0, told)) {
          if (reached.stream().anyMatch(one -> leads(one, step.operation()))) {
            reached.add(step.operation());
          }
        }
      }
      return reached.contains(second) && causality.isBefore(first, second);
    }

    private boolean leads(int one, int next) {
      int group = history.group(one);
      return group == history.group(next)
          || causality.inSession(group, history.group(next))
          || (!history.isWrite(next) && causality.source(next) == one);
    }

    private boolean hasVersion(int write, String version) {
      return causality.hasVersion(write, version);
    }

    private Outcome outcome(int operation) {
      return history.outcome(history.group(operation));
    }

    private boolean isSource(String line) {
      int source = causality.source(op);
      return source >= 0 && history.line(source) == Integer.parseInt(line);
    }

    private boolean isVerb(int write, String verb) {
      return verb.equals(history.valueName(write) == null ? "deleted" : "written");
    }

    /** A write of the key, which the explanation tells of. */
    private boolean isWritten(String line, IntPredicate wanted) {
      return isAnyWritten(
          line,
          write ->
              steps.stream().anyMatch(step -> step.operation() == write) && wanted.test(write));
    }

    private boolean isAnyWritten(String line, IntPredicate wanted) {
      return operations(line)
          .filter(write -> history.isWrite(write) && isSameKey(write, op))
          .anyMatch(wanted);
    }

    private IntStream operations(String line) {
      return IntStream.range(0, history.operations())
          .filter(each -> history.line(each) == Integer.parseInt(line));
    }

    private boolean isSameKey(int one, int other) {
      return history.register(one).key().equals(history.register(other).key());
    }

    private boolean differs(int one, int other) {
      return !Objects.equals(history.valueName(one), history.valueName(other));
    }

    private boolean isLaterOfKey(int one, int other) {
      return one < other
          && history.group(one) == history.group(other)
          && isSameKey(one, other)
          && history.isWrite(one)
          && history.isWrite(other);
    }
  }
}
