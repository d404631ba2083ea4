package dev.tidings.history;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.history.ObjectOperation.Kind;
import dev.tidings.history.ObjectOperation.Reading;
import dev.tidings.history.ObjectOperation.Seen;
import dev.tidings.history.ObjectOperation.Update;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Small random histories of one object, judged by the definition: is there, for each group, a set
 * of groups that it saw, such that all readings are what these come to? All such sets are tried.
 */
class RandomObjectsTest {
  private static final int SEEDS = 4_000;
  private static final int GROUPS = 5;
  private static final List<ObjectName.Type> TYPES = List.of(ObjectName.Type.values());

  @Test
  void what_is_said_to_be_wrong_no_choice_of_what_was_seen_explains_and_most_else_is_found() {
    Map<ObjectName.Type, int[]> counts = new EnumMap<>(ObjectName.Type.class);
    for (int seed = 0; seed < SEEDS; seed++) {
      ObjectName.Type type = TYPES.get(seed % TYPES.size());
      String text = new Made(new Random(seed), type).text();
      History history = Histories.of(text);
      boolean isCausal = new Naive(history).isCausal();
      Judgement judgement = Checker.judge(history, Model.CCV, done -> {});
      assertTrue(judgement.isCausal() || !isCausal, () -> "it is causal:\n" + text + judgement);
      int[] count = counts.computeIfAbsent(type, t -> new int[3]);
      count[isCausal ? 0 : judgement.isCausal() ? 1 : 2]++;
    }
    counts.forEach(
        (type, count) ->
            assertTrue(
                count[0] > 100 && count[2] > 100 && count[1] * 3 < count[2],
                () ->
                    "%s: %d causal, %d not found, %d found"
                        .formatted(type, count[0], count[1], count[2])));
  }

  /** What some sessions saw, each at a replica of its own; now and then something is forgotten. */
  private static final class Made {
    private final Random random;
    private final ObjectName.Type type;
    private final boolean versions;
    private final List<String> lines = new ArrayList<>();
    private final List<BitSet> seen = new ArrayList<>();
    private final List<@Nullable Update> updates = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();

    Made(Random random, ObjectName.Type type) {
      this.random = random;
      this.type = type;
      versions = random.nextInt(3) > 0;
    }

    String text() {
      int sessions = 2 + random.nextInt(2);
      var known = new ArrayList<BitSet>();
      for (int s = 0; s < sessions; s++) {
        known.add(new BitSet());
      }
      for (int group = 0; group < GROUPS; group++) {
        int s = random.nextInt(sessions);
        BitSet knows = known.get(s);
        if (group > 0 && random.nextInt(3) > 0) {
          int other = random.nextInt(group);
          knows.or(seen.get(other));
          knows.set(other);
        }
        add(group, s, (BitSet) knows.clone());
        knows.set(group);
      }
      return String.join("\n", lines);
    }

    private void add(int group, int session, BitSet knows) {
      long time = 1 + knows.stream().mapToLong(times::get).max().orElse(0);
      seen.add(knows);
      times.add(time);
      String version = versions ? " @%d@%d".formatted(time, session + 1) : "";
      if (random.nextInt(5) < 3) {
        String change = change(group);
        String line = "s%d %s%s".formatted(session, change, version);
        lines.add(line);
        History alone = Histories.of(line);
        updates.add((Update) alone.object(alone.objectBegin(0)));
      } else {
        updates.add(null);
        BitSet shown = (BitSet) knows.clone();
        if (random.nextInt(3) == 0 && !shown.isEmpty()) {
          shown.clear(shown.nextSetBit(random.nextInt(shown.length())));
        }
        lines.add("s%d %s%s".formatted(session, reading(shown), changes(knows)));
      }
    }

    private String change(int group) {
      String element = random.nextInt(3) > 0 ? "v" + group : "e";
      return switch (type) {
        case COUNTER -> random.nextInt(4) == 0 ? "clear count o" : "incr o " + (1 + group);
        case SET ->
            random.nextInt(3) == 0
                ? random.nextBoolean() ? "clear set o" : "remove o e"
                : "add o " + element;
        case MULTI -> random.nextInt(4) == 0 ? "clear multi o" : "put o v" + group;
        case FEED -> "append o v" + group;
      };
    }

    private String reading(BitSet shown) {
      Reading reading = meaning(type, shown, updates, seen);
      String content =
          type == ObjectName.Type.COUNTER
              ? Long.toString(reading.count())
              : reading.seen().isEmpty()
                  ? "-"
                  : reading.seen().stream().map(Seen::value).collect(Collectors.joining(","));
      String verb =
          type == ObjectName.Type.COUNTER ? "count" : type.name().toLowerCase(Locale.ROOT);
      return verb + " o " + content;
    }

    private String changes(BitSet knows) {
      if (!versions || type == ObjectName.Type.FEED || random.nextInt(3) == 0) {
        return "";
      }
      String told =
          changesOf(knows, updates).stream()
              .map(SeenVersion::toString)
              .collect(Collectors.joining(","));
      return " ^" + (told.isEmpty() ? "-" : told);
    }
  }

  /** The last update by each replica. */
  private static List<SeenVersion> changesOf(BitSet shown, List<@Nullable Update> updates) {
    Map<Integer, SeenVersion> last = new TreeMap<>();
    shown.stream()
        .mapToObj(updates::get)
        .filter(update -> update != null && update.version() != null)
        .forEach(
            update ->
                last.merge(
                    update.version().replica(),
                    update.version(),
                    (one, other) -> one.compareTo(other) > 0 ? one : other));
    return List.copyOf(last.values());
  }

  /** What updates come to, by definition. */
  private static Reading meaning(
      ObjectName.Type type, BitSet shown, List<@Nullable Update> updates, List<BitSet> seen) {
    long count = 0;
    var values = new ArrayList<Seen>();
    for (int i = shown.nextSetBit(0); i >= 0; i = shown.nextSetBit(i + 1)) {
      @Nullable Update update = updates.get(i);
      if (update == null) {
        continue;
      }
      int number = i;
      for (String value : update.kind() == Kind.INCREMENT ? List.of("") : update.values()) {
        boolean undone =
            shown.stream()
                .anyMatch(
                    other ->
                        updates.get(other) != null
                            && seen.get(other).get(number)
                            && undoes(updates.get(other), value));
        if (undone || update.kind() == Kind.REMOVE) {
          continue;
        }
        count += update.by();
        Seen each = new Seen(value, null);
        if (update.kind() != Kind.INCREMENT && !values.contains(each)) {
          values.add(each);
        }
      }
    }
    return new Reading(new ObjectName(type, null, "o"), values, count, null, true);
  }

  private static boolean undoes(Update update, String value) {
    return switch (update.kind()) {
      case PUT, CLEAR -> true;
      case REMOVE -> update.values().contains(value);
      default -> false;
    };
  }

  /** Tries everything that groups may have seen. */
  private static final class Naive {
    private final History history;
    private final int groups;
    private final List<@Nullable Update> updates = new ArrayList<>();
    private final List<BitSet> seen = new ArrayList<>();

    Naive(History history) {
      this.history = history;
      groups = history.groups();
      for (int group = 0; group < groups; group++) {
        ObjectOperation operation = history.object(history.objectBegin(group));
        updates.add(operation instanceof Update update ? update : null);
        seen.add(new BitSet());
      }
    }

    boolean isCausal() {
      return place(new ArrayList<>(), new BitSet());
    }

    /** Puts groups into all orders that agree with the sessions. */
    private boolean place(List<Integer> placed, BitSet done) {
      if (placed.size() == groups) {
        return true;
      }
      for (int next = 0; next < groups; next++) {
        if (done.get(next) || !sessionIsDone(next, done)) {
          continue;
        }
        for (int choice = 0; choice < 1 << placed.size(); choice++) {
          @Nullable BitSet sees = sight(next, placed, choice);
          if (sees != null) {
            seen.set(next, sees);
            if (explains(next, sees)) {
              placed.add(next);
              done.set(next);
              boolean found = place(placed, done);
              placed.remove(placed.size() - 1);
              done.clear(next);
              if (found) {
                return true;
              }
            }
          }
        }
      }
      return false;
    }

    private boolean sessionIsDone(int next, BitSet done) {
      for (int before = 0; before < next; before++) {
        if (history.session(before) == history.session(next) && !done.get(before)) {
          return false;
        }
      }
      return true;
    }

    /** Null if what is chosen is not closed. */
    private @Nullable BitSet sight(int group, List<Integer> placed, int choice) {
      var sees = new BitSet();
      for (int i = 0; i < placed.size(); i++) {
        sees.set(placed.get(i), (choice >> i & 1) == 1);
      }
      for (int before = 0; before < group; before++) {
        if (history.session(before) == history.session(group) && !sees.get(before)) {
          return null;
        }
      }
      for (int each = sees.nextSetBit(0); each >= 0; each = sees.nextSetBit(each + 1)) {
        var rest = (BitSet) seen.get(each).clone();
        rest.andNot(sees);
        if (!rest.isEmpty()) {
          return null;
        }
      }
      return sees;
    }

    private boolean explains(int group, BitSet sees) {
      @Nullable Update own = updates.get(group);
      if (own != null) {
        return own.version() == null || agrees(own.version(), sees);
      }
      var told = (Reading) history.object(history.objectBegin(group));
      Reading meant = meaning(told.object().type(), sees, updates, seen);
      boolean isFeed = told.object().type() == ObjectName.Type.FEED;
      boolean same =
          isFeed ? isOrdered(told.seen(), sees) : sorted(told.seen()).equals(sorted(meant.seen()));
      return same
          && told.seen().size() == meant.seen().size()
          && told.count() == meant.count()
          && (told.changedBy() == null || told.changedBy().equals(changesOf(sees, updates)));
    }

    private static List<String> sorted(List<Seen> seen) {
      return seen.stream().map(Seen::value).sorted().toList();
    }

    /** Entries of what was seen, none before one that it had seen. */
    private boolean isOrdered(List<Seen> entries, BitSet sees) {
      List<Integer> found = new ArrayList<>();
      for (Seen entry : entries) {
        int of =
            sees.stream()
                .filter(
                    i -> updates.get(i) != null && updates.get(i).values().contains(entry.value()))
                .findFirst()
                .orElse(-1);
        if (of < 0 || found.contains(of) || found.stream().anyMatch(e -> seen.get(e).get(of))) {
          return false;
        }
        found.add(of);
      }
      return true;
    }

    /** A version is above all that was seen, and a replica's updates show in their order. */
    private boolean agrees(SeenVersion version, BitSet sees) {
      for (int i = 0; i < groups; i++) {
        @Nullable Update other = updates.get(i);
        if (other == null || other.version() == null) {
          continue;
        }
        int order = other.version().compareTo(version);
        boolean before = order < 0 && other.version().replica() == version.replica();
        if (sees.get(i) ? order >= 0 : before) {
          return false;
        }
      }
      return true;
    }
  }
}
