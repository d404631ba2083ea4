package dev.tidings.history;

import dev.tidings.history.Hop.Kind;
import dev.tidings.history.Reads.Older;
import dev.tidings.history.Violation.Step;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts into sentences, one for each operation, why something cannot be. Each begins with the place
 * of its operation in the file.
 */
final class Explainer {
  private static final java.util.regex.Pattern PLAIN =
      java.util.regex.Pattern.compile("[\\w.:/@+-]+");
  private static final java.util.regex.Pattern NUMBER = java.util.regex.Pattern.compile("-?\\d+");
  private static final int SHOWN = 60;
  private static final int UNKNOWN_WRITE = -1;
  private static final int INCREMENTS_SHOWN = 6;

  private final History history;
  private final Sources sources;
  private final List<Step> steps = new ArrayList<>();
  private final Set<Integer> told = new HashSet<>();

  private Explainer(History history, Sources sources) {
    this.history = history;
    this.sources = sources;
  }

  /** What one older-than relation of a cycle rests on: a read that knew the older write. */
  interface Witness {
    /**
     * @param newer a hop of kind {@link Kind#NEWER}
     */
    Evidence of(Hop newer);
  }

  /**
   * A read of the newer write that knew the older one.
   *
   * @param path from the older write's group to the read's
   */
  record Evidence(int read, int older, List<Hop> path) {}

  /** An operation that is wrong by itself, or beside one other. */
  static List<Step> fault(History history, Sources sources, Sources.Fault fault) {
    var explainer = new Explainer(history, sources);
    explainer.tell(fault);
    return explainer.steps;
  }

  private void tell(Sources.Fault fault) {
    int op = fault.operation();
    int other = fault.other();
    switch (fault.pattern()) {
      case THIN_AIR_READ ->
          say(
              op,
              other < 0
                  ? did(op) + at(op) + ", which nobody wrote"
                  : did(op)
                      + at(op)
                      + ", which is not what was written at that version: "
                      + history.place(other)
                      + " "
                      + did(other));
      case ABORTED_READ -> {
        say(other, did(other) + ", and it did not happen");
        say(op, didFrom(op, other) + " all the same", other);
      }
      case OWN_WRITE_READ -> {
        say(other, did(other));
        say(op, "in the same group " + did(op) + at(op) + " instead");
      }
      case INTERMEDIATE_READ -> {
        int source = sources.of(op);
        say(source, did(source));
        say(other, "in the same group " + did(other) + ", which replaced it");
        say(op, didFrom(op, source) + ", which was never to be seen", source);
      }
      case FUTURE_READ -> {
        say(op, did(op));
        say(other, "in the same group " + did(other) + ", only after it was read");
      }
      case NON_REPEATABLE_READ -> {
        say(other, didFromSource(other), sources.of(other));
        say(op, "in the same group " + didFromSource(op) + " instead", sources.of(op));
      }
      case VERSION_CLASH -> {
        int write = history.isWrite(other) ? other : sources.of(other);
        tellWithVersion(other, write);
        boolean isUntold = history.isWrite(other) && history.version(other) == null;
        if (isUntold && sources.of(op) == other) {
          tellWithVersion(firstVersionOf(other), other);
        }
        tellWithVersion(op, sources.of(op) >= 0 ? sources.of(op) : write);
      }
      default -> throw new IllegalArgumentException("not of single operations: " + fault);
    }
  }

  private void tellWithVersion(int operation, int write) {
    boolean isWrite = history.isWrite(operation);
    say(
        operation,
        did(operation) + at(operation) + (isWrite ? "" : writtenIn(write)),
        isWrite ? -1 : write);
  }

  /** The first read that told a write's version. */
  private int firstVersionOf(int write) {
    int read = 0;
    while (sources.of(read) != write || history.version(read) == null) {
      read++;
    }
    return read;
  }

  /** Two replicas that hold different things at the end. */
  static List<Step> diverged(History history, Sources sources, int one, int other) {
    var explainer = new Explainer(history, sources);
    for (int op : new int[] {one, other}) {
      if (explainer.isOfObject(op)) {
        explainer.say(op, explainer.did(op));
      } else {
        explainer.say(op, explainer.didFromSource(op), sources.of(op));
      }
    }
    return explainer.steps;
  }

  /** A reading of an object that is wrong by itself, or beside one update. */
  static List<Step> fault(History history, Sources sources, ObjectSources.Fault fault) {
    var explainer = new Explainer(history, sources);
    var reading = (ObjectOperation.Reading) history.object(fault.reading());
    ObjectOperation.Seen seen = reading.seen().get(fault.seen());
    String value = shown(seen.value());
    String version = seen.version() == null ? "" : " at version " + seen.version();
    if (fault.other() >= 0) {
      explainer.say(
          fault.other(),
          explainer.did(fault.other())
              + switch (fault.pattern()) {
                case ABORTED_READ -> ", and it did not happen";
                case VERSION_CLASH -> " at version " + sources.objects().version(fault.other());
                default -> "";
              });
    }
    explainer.say(
        fault.reading(),
        explainer.did(fault.reading())
            + switch (fault.pattern()) {
              case THIN_AIR_READ -> ", but nobody wrote " + value + " there";
              case ABORTED_READ -> ", with " + value + " all the same";
              case VERSION_CLASH -> ", with " + value + version + " instead";
              case DOUBLE_READ -> ", with " + value + version + " twice";
              case FEED_ORDER ->
                  ", with %s%s behind version %s"
                      .formatted(value, version, reading.seen().get(fault.seen() - 1).version());
              default -> throw new IllegalArgumentException("not of a reading: " + fault);
            },
        fault.other());
    return explainer.steps;
  }

  /** Finds the shortest way from one group to another; empty where causality has none. */
  interface Ways {
    List<Hop> way(int from, int to);
  }

  /** A reading of an object that no updates explain. */
  static List<Step> finding(
      History history, Sources sources, ObjectJudge.Finding finding, Ways ways) {
    var explainer = new Explainer(history, sources);
    switch (finding.pattern()) {
      case MISSING_UPDATE -> explainer.tellMissing(finding.reading(), finding.update(), ways);
      case UNDONE_READ -> explainer.tellUndone(finding, ways);
      case FEED_ORDER -> {
        explainer.tellWrite(finding.update());
        explainer.go(finding.update(), finding.undoing(), ways);
        explainer.say(
            finding.reading(),
            "%s, with %s behind what came after it"
                .formatted(explainer.did(finding.reading()), history.place(finding.update())));
      }
      case WRONG_COUNT -> explainer.tellCount(finding);
      default -> throw new IllegalArgumentException("not of objects: " + finding);
    }
    return explainer.steps;
  }

  private void tellMissing(int reading, int update, Ways ways) {
    tellWrite(update);
    List<Hop> path = ways.way(history.group(update), history.group(reading));
    String arriving = "";
    if (!path.isEmpty()) {
      Hop last = path.get(path.size() - 1);
      boolean readOnly = last.kind() == Kind.READ && readOf(last) == reading;
      along(update, readOnly ? path.subList(0, path.size() - 1) : path, UNKNOWN_WRITE);
      arriving = readOnly ? "" : arriving(path);
    }
    say(
        reading,
        "%s%s, although %s %s"
            .formatted(
                arriving,
                did(reading),
                history.place(update),
                ObjectWords.had(history.object(update), null)));
  }

  private void tellUndone(ObjectJudge.Finding finding, Ways ways) {
    tellWrite(finding.update());
    go(finding.update(), finding.undoing(), ways);
    List<Hop> path = ways.way(history.group(finding.undoing()), history.group(finding.reading()));
    String arriving = "";
    if (!path.isEmpty()) {
      Hop last = path.get(path.size() - 1);
      boolean readOnly = last.kind() == Kind.READ && readOf(last) == finding.reading();
      along(finding.undoing(), readOnly ? path.subList(0, path.size() - 1) : path, UNKNOWN_WRITE);
      arriving = readOnly ? "" : arriving(path);
    }
    say(
        finding.reading(),
        "%s%s, with what %s had done, which %s had undone"
            .formatted(
                arriving,
                did(finding.reading()),
                history.place(finding.update()),
                history.place(finding.undoing())));
  }

  /** Tells how an update was seen by another one, and that one. */
  private void go(int update, int later, Ways ways) {
    along(update, ways.way(history.group(update), history.group(later)), later);
    tellWrite(later);
  }

  private void tellCount(ObjectJudge.Finding finding) {
    boolean few = finding.increments().size() + finding.openIncrements().size() <= INCREMENTS_SHOWN;
    if (few) {
      finding.increments().forEach(this::tellWrite);
      finding.openIncrements().forEach(this::tellWrite);
    }
    long sum = finding.increments().stream().mapToLong(this::by).sum();
    String open =
        finding.openIncrements().isEmpty()
            ? ""
            : ", and with others that it may have seen to something from %d to %d"
                .formatted(
                    sum
                        + finding.openIncrements().stream()
                            .mapToLong(this::by)
                            .map(n -> Math.min(n, 0))
                            .sum(),
                    sum
                        + finding.openIncrements().stream()
                            .mapToLong(this::by)
                            .map(n -> Math.max(n, 0))
                            .sum());
    say(
        finding.reading(),
        "%s, but the increments that this has seen come to %d%s"
            .formatted(did(finding.reading()), sum, open));
  }

  private long by(int increment) {
    return ((ObjectOperation.Update) history.object(increment)).by();
  }

  /**
   * A read that returned something older than a write that it knew.
   *
   * @param toNewer from the source's group to the newer write's, where the source is causally
   *     before
   * @param toRead from the newer write's group to the read's
   */
  static List<Step> olderRead(
      History history,
      Sources sources,
      int read,
      int newer,
      Older how,
      List<Hop> toNewer,
      List<Hop> toRead) {
    var explainer = new Explainer(history, sources);
    int source = sources.of(read);
    if (how == Older.CAUSALLY) {
      explainer.tellWrite(source);
      explainer.along(source, toNewer, newer);
    } else {
      if (how == Older.BY_VERSION) {
        explainer.tellWrite(source);
      }
      explainer.tellWrite(newer);
    }
    Hop last = toRead.get(toRead.size() - 1);
    boolean readOnly = last.kind() == Kind.READ && explainer.readOf(last) == read;
    explainer.along(
        newer,
        readOnly ? toRead.subList(0, toRead.size() - 1) : toRead,
        readOnly ? source : UNKNOWN_WRITE);
    String there = history.place(newer);
    String conclusion =
        switch (how) {
          case INITIAL -> ", although %s had %s it".formatted(there, explainer.verb(newer));
          case CAUSALLY -> " (%s), which %s had replaced".formatted(history.place(source), there);
          case BY_VERSION ->
              " (%s) at version %s, older than version %s (%s)"
                  .formatted(
                      history.place(source),
                      explainer.versionOf(source),
                      explainer.versionOf(newer),
                      there);
        };
    String arriving = readOnly ? "" : explainer.arriving(toRead);
    explainer.say(read, arriving + explainer.did(read) + conclusion, source);
    return explainer.steps;
  }

  /**
   * A write that has a lower version than one that is causally before it.
   *
   * @param path from the group of the write with the higher version
   */
  static List<Step> versionsAgainstCausality(
      History history, Sources sources, int higher, List<Hop> path, int lower) {
    var explainer = new Explainer(history, sources);
    explainer.tellWrite(higher);
    explainer.along(higher, path, lower);
    explainer.addToLast(
        " at version %s, older than version %s (%s)"
            .formatted(
                explainer.versionOf(lower), explainer.versionOf(higher), history.place(higher)));
    return explainer.steps;
  }

  /** Something that is before itself. */
  static List<Step> causalCycle(History history, Sources sources, List<Hop> cycle) {
    var explainer = new Explainer(history, sources);
    var hops = new ArrayList<>(cycle);
    while (hops.get(0).kind() != Kind.READ) {
      Collections.rotate(hops, -1);
    }
    int read = explainer.readOf(hops.get(0));
    int source = explainer.sourceOf(hops.get(0));
    explainer.say(read, explainer.didFrom(read, source), source);
    explainer.along(read, hops.subList(1, hops.size()), source);
    explainer.addToLast(", which " + history.place(read) + " had read before");
    return explainer.steps;
  }

  /** Writes each of which must be newer than the next, around. */
  static List<Step> conflictCycle(
      History history, Sources sources, List<Hop> cycle, Witness witness) {
    var explainer = new Explainer(history, sources);
    var hops = new ArrayList<>(cycle);
    while (!isArbitrated(hops.get(hops.size() - 1))) {
      Collections.rotate(hops, 1);
    }
    var causal = new ArrayList<Hop>();
    int at = explainer.newerEnd(hops.get(hops.size() - 1), witness);
    explainer.tellWrite(at);
    for (Hop hop : hops) {
      if (!isArbitrated(hop)) {
        causal.add(hop);
        continue;
      }
      if (hop.kind() == Kind.NEWER) {
        Evidence evidence = witness.of(hop);
        explainer.along(at, causal, evidence.older());
        explainer.tellWrite(evidence.older());
        explainer.along(evidence.older(), evidence.path(), UNKNOWN_WRITE);
        at = sources.of(evidence.read());
        explainer.say(
            evidence.read(),
            "%s%s (%s): so that is newer than %s (%s)"
                .formatted(
                    explainer.arriving(evidence.path()),
                    explainer.did(evidence.read()),
                    history.place(at),
                    explainer.named(evidence.older()),
                    history.place(evidence.older())),
            at);
      } else {
        int older = explainer.versionEnds(hop)[0];
        at = explainer.versionEnds(hop)[1];
        explainer.along(explainer.steps.isEmpty() ? at : older, causal, older);
        explainer.tellWrite(older);
        explainer.say(
            at,
            "%s at version %s, newer than version %s (%s)"
                .formatted(
                    explainer.did(at),
                    explainer.versionOf(at),
                    explainer.versionOf(older),
                    history.place(older)));
      }
      causal.clear();
    }
    return explainer.steps;
  }

  private static boolean isArbitrated(Hop hop) {
    return hop.kind() == Kind.NEWER || hop.kind() == Kind.VERSION;
  }

  private int newerEnd(Hop hop, Witness witness) {
    return hop.kind() == Kind.NEWER ? sources.of(witness.of(hop).read()) : versionEnds(hop)[1];
  }

  /** The two writes of one key whose versions follow each other. */
  private int[] versionEnds(Hop hop) {
    for (int older = history.begin(hop.from()); older < history.end(hop.from()); older++) {
      for (int newer = history.begin(hop.to()); newer < history.end(hop.to()); newer++) {
        if (history.isWrite(older)
            && history.isWrite(newer)
            && history.key(older) == history.key(newer)
            && isNewer(newer, older)) {
          return new int[] {older, newer};
        }
      }
    }
    throw new IllegalArgumentException("no versions behind " + hop);
  }

  private boolean isNewer(int write, int than) {
    int one = sources.versionNumber(write);
    int other = sources.versionNumber(than);
    return one >= 0
        && other >= 0
        && history.versions().get(one).compareTo(history.versions().get(other)) > 0;
  }

  /**
   * Tells what happened along a path, but not the operation that it begins with.
   *
   * @param begin the operation that the path begins with
   * @param end the write that it ends with; or {@link #UNKNOWN_WRITE} if it ends with a read that
   *     is told afterwards
   */
  private void along(int begin, List<Hop> path, int end) {
    int at = begin;
    for (int i = 0; i < path.size(); i++) {
      Hop hop = path.get(i);
      boolean read = hop.kind() == Kind.READ;
      if (read) {
        int op = readOf(hop);
        int source = sourceOf(hop);
        if (source != at) {
          tellInGroup(source);
        }
        say(op, didFrom(op, source), source);
        at = op;
      }
      @Nullable Hop next = i + 1 < path.size() ? path.get(i + 1) : null;
      int leaving = next == null ? end : next.kind() == Kind.READ ? sourceOf(next) : UNKNOWN_WRITE;
      if (leaving >= 0) {
        if (read) {
          tellInGroup(leaving);
        } else if (told.add(leaving)) {
          say(leaving, "then " + did(leaving));
        }
        at = leaving;
      }
    }
  }

  private void tellInGroup(int write) {
    if (told.add(write)) {
      say(write, "in the same group " + did(write));
    }
  }

  private void tellWrite(int write) {
    boolean goesOn =
        !steps.isEmpty()
            && history.group(steps.get(steps.size() - 1).operation()) == history.group(write);
    if (goesOn) {
      tellInGroup(write);
    } else if (told.add(write)) {
      say(write, did(write));
    }
  }

  private String arriving(List<Hop> path) {
    int read = path.get(path.size() - 1).to();
    if (history.isFinal(read)) {
      return "";
    }
    return path.get(path.size() - 1).kind() == Kind.SESSION ? "then " : "in the same group ";
  }

  /** The first read of a hop's group that has read the other. */
  private int readOf(Hop hop) {
    for (int op = history.objectBegin(hop.to()); op < history.objectEnd(hop.to()); op++) {
      if (sources.objects().seenOf(op, hop.from()) >= 0) {
        return op;
      }
    }
    for (int op = history.begin(hop.to()); op < history.end(hop.to()); op++) {
      if (sources.of(op) >= 0 && history.group(sources.of(op)) == hop.from()) {
        return op;
      }
    }
    throw new IllegalArgumentException("nothing was read along " + hop);
  }

  /** What the first read of a hop's group has read of the other. */
  private int sourceOf(Hop hop) {
    int read = readOf(hop);
    return isOfObject(read) ? sources.objects().seenOf(read, hop.from()) : sources.of(read);
  }

  private void say(int operation, String words) {
    say(operation, words, -1);
  }

  private void say(int operation, String words, int from) {
    told.add(operation);
    steps.add(new Step(operation, from, history.place(operation), who(operation), words));
  }

  /** Goes on with the last sentence. */
  private void addToLast(String words) {
    Step last = steps.remove(steps.size() - 1);
    steps.add(
        new Step(last.operation(), last.from(), last.place(), last.who(), last.what() + words));
  }

  private String who(int operation) {
    int group = history.group(operation);
    if (history.isFinal(group)) {
      return "at the end replica " + history.replica(group);
    }
    String name = history.sessionName(history.session(group));
    return NUMBER.matcher(name).matches() ? "session " + name : name;
  }

  private String did(int operation) {
    if (isOfObject(operation)) {
      return ObjectWords.did(history.object(operation), history.isFinal(history.group(operation)));
    }
    String key = shown(history.register(operation));
    if (history.isWrite(operation)) {
      return history.value(operation) == History.ABSENT
          ? "deleted " + key
          : "wrote " + key + " = " + value(operation);
    }
    if (history.isCondition(operation)) {
      return history.isConditionOfAbsence(operation)
          ? "required that " + key + " was absent"
          : "required " + key + " at version " + history.version(operation);
    }
    boolean ends = history.isFinal(history.group(operation));
    if (history.value(operation) != History.ABSENT) {
      return (ends ? "held " : "read ") + key + " = " + value(operation);
    }
    if (ends) {
      return "held nothing for " + key;
    }
    int source = sources.of(operation);
    return source == Sources.INITIAL
        ? "read that " + key + " was never written"
        : source >= 0 ? "read that " + key + " was deleted" : "read nothing for " + key;
  }

  private String verb(int write) {
    return history.value(write) == History.ABSENT ? "deleted" : "written";
  }

  /** A write, as something that is newer or older. */
  private String named(int write) {
    String key = shown(history.register(write));
    return history.value(write) == History.ABSENT
        ? "the delete of " + key
        : key + " = " + value(write);
  }

  private String value(int operation) {
    String value = history.valueName(operation);
    return value == null ? "nothing" : shown(value);
  }

  static String shown(String text) {
    String cut = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    return PLAIN.matcher(cut).matches()
        ? cut
        : "\"" + cut.replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }

  static String shown(RegisterName register) {
    String key = shown(register.key());
    return register.map() == null ? key : key + " of map " + shown(register.map());
  }

  private boolean isOfObject(int operation) {
    return operation >= history.registerOperations();
  }

  private String didFrom(int read, int write) {
    if (isOfObject(read)) {
      return did(read) + ", changed in " + history.place(write);
    }
    String did = did(read);
    return did + (did.endsWith("deleted") ? " in " + history.place(write) : writtenIn(write));
  }

  private String writtenIn(int write) {
    return ", " + verb(write) + " in " + history.place(write);
  }

  private String didFromSource(int read) {
    return sources.of(read) < 0 ? did(read) : didFrom(read, sources.of(read));
  }

  private String at(int operation) {
    SeenVersion version = history.version(operation);
    return version == null || history.isCondition(operation) ? "" : " at version " + version;
  }

  private String versionOf(int write) {
    return history.versions().get(sources.versionNumber(write)).toString();
  }
}
