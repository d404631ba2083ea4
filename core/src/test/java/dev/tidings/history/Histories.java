package dev.tidings.history;

import dev.tidings.history.ObjectOperation.Kind;
import dev.tidings.history.ObjectOperation.MapDelete;
import dev.tidings.history.ObjectOperation.Reading;
import dev.tidings.history.ObjectOperation.Seen;
import dev.tidings.history.ObjectOperation.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Histories as short texts, an operation or group a line, numbered from 1 on:
 *
 * <pre>
 *   alice w x 1        wrote 1 to x; @7 behind it is its version, ! says refused, ? no answer
 *   bob r x 1          read it; - stands for absent, never for never written
 *   bob w x -          deleted x
 *   bob [ w x 1 ; r y 2 ]   did both together
 *   bob [ if x @7 ; w x 1 ] wrote 1 to x on condition that its version is 7; - stands for absent
 *   bob w p/x 1        wrote 1 to the field x of the map p
 *   final 3 x 1        replica 3 held it at the end
 * </pre>
 *
 * Objects: a ~ behind an update says that it was retried; ^ stands before who has changed what was
 * read, ^- for nobody, and … says that there was more.
 *
 * <pre>
 *   alice put m a @5@1         alice multi m a,b ^5@1,6@2
 *   alice incr c 1 @5@1        alice count c 3 ^5@1
 *   alice add s a,b @5@1       alice set s a,b ^5@1     alice set s - ^-
 *   alice remove s a           alice clear set s        alice unmap p
 *   alice append f a           alice feed f a@5@1,b@6@2
 *   alice add p/s a            to the field s of the map p
 *   final 3 set s a,b
 * </pre>
 */
final class Histories {
  private Histories() {}

  static History of(String text) {
    var builder = new History.Builder();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String[] words = lines.get(i).strip().split("\\s+", 2);
      if (words.length < 2) {
        continue;
      }
      if (words[0].equals("final")) {
        String[] held = words[1].split("\\s+", -1);
        if (READINGS.containsKey(held[1])) {
          String[] reading = Arrays.copyOfRange(held, 1, held.length);
          builder.finalReading(i + 1, held[0], reading(reading));
          continue;
        }
        builder.finalValue(
            i + 1,
            held[0],
            register(held[1]),
            value(held[2]),
            held.length > 3 ? SeenVersion.parse(held[3].substring(1)) : null);
      } else {
        group(builder, i + 1, words[0], words[1]);
      }
    }
    return builder.build();
  }

  private static void group(History.Builder builder, int line, String session, String text) {
    Outcome outcome =
        text.endsWith("!") ? Outcome.ABORTED : text.endsWith("?") ? Outcome.UNKNOWN : Outcome.OK;
    builder.group(session, outcome, null, History.NO_TIME, History.NO_TIME);
    if (text.contains("~")) {
      builder.retried();
    }
    String inner = text.replaceAll("[!?~\\[\\]]", "").strip();
    for (String operation : inner.split("\\s*;\\s*", -1)) {
      String[] words = operation.split("\\s+", -1);
      if (READINGS.containsKey(words[0])) {
        builder.object(line, reading(words));
        continue;
      }
      if (UPDATES.containsKey(words[0])) {
        builder.object(line, update(words));
        continue;
      }
      if (words[0].equals("if")) {
        builder.condition(
            line,
            register(words[1]),
            words[2].equals("-") ? null : SeenVersion.parse(words[2].substring(1)));
        continue;
      }
      SeenVersion version = words.length > 3 ? SeenVersion.parse(words[3].substring(1)) : null;
      if (words[0].equals("w")) {
        builder.write(line, register(words[1]), value(words[2]), version);
      } else if (words[2].equals("never")) {
        builder.readNeverWritten(line, register(words[1]));
      } else {
        builder.read(line, register(words[1]), value(words[2]), version);
      }
    }
  }

  private static final Map<String, ObjectName.Type> READINGS =
      Map.of(
          "multi", ObjectName.Type.MULTI,
          "count", ObjectName.Type.COUNTER,
          "set", ObjectName.Type.SET,
          "feed", ObjectName.Type.FEED);

  private static final Map<String, Optional<ObjectName.Type>> UPDATES =
      Map.of(
          "put", Optional.of(ObjectName.Type.MULTI),
          "incr", Optional.of(ObjectName.Type.COUNTER),
          "add", Optional.of(ObjectName.Type.SET),
          "remove", Optional.of(ObjectName.Type.SET),
          "append", Optional.of(ObjectName.Type.FEED),
          "clear", Optional.empty(),
          "unmap", Optional.empty());

  private static ObjectOperation update(String[] words) {
    @Nullable SeenVersion version = null;
    String last = words[words.length - 1];
    String[] rest = words;
    if (last.startsWith("@")) {
      version = SeenVersion.parse(last.substring(1));
      rest = Arrays.copyOf(words, words.length - 1);
    }
    return switch (rest[0]) {
      case "unmap" -> new MapDelete(rest[1], version);
      case "clear" ->
          new Update(name(READINGS.get(rest[1]), rest[2]), Kind.CLEAR, List.of(), 0, version);
      case "incr" ->
          new Update(
              name(ObjectName.Type.COUNTER, rest[1]),
              Kind.INCREMENT,
              List.of(),
              Long.parseLong(rest[2]),
              version);
      default ->
          new Update(
              name(UPDATES.getOrDefault(rest[0], Optional.empty()).orElseThrow(), rest[1]),
              Kind.valueOf(rest[0].toUpperCase(Locale.ROOT)),
              List.of(rest[2].split(",", -1)),
              0,
              version);
    };
  }

  private static Reading reading(String[] words) {
    ObjectName name = name(READINGS.get(words[0]), words[1]);
    boolean isCounter = name.type() == ObjectName.Type.COUNTER;
    var seen = new ArrayList<Seen>();
    String content = words[2].replace("…", "");
    for (String each : isCounter || content.equals("-") ? new String[0] : content.split(",", -1)) {
      int at = each.indexOf('@');
      seen.add(
          at < 0
              ? new Seen(each, null)
              : new Seen(each.substring(0, at), SeenVersion.parse(each.substring(at + 1))));
    }
    @Nullable List<SeenVersion> changes = null;
    if (words.length > 3) {
      String told = words[3].substring(1);
      changes =
          told.equals("-")
              ? List.of()
              : Arrays.stream(told.split(",", -1)).map(SeenVersion::parse).toList();
    }
    return new Reading(
        name, seen, isCounter ? Long.parseLong(words[2]) : 0, changes, !words[2].endsWith("…"));
  }

  private static RegisterName register(String name) {
    String[] parts = name.split("/", 2);
    return parts.length == 1 ? RegisterName.of(name) : new RegisterName(parts[0], parts[1]);
  }

  private static ObjectName name(ObjectName.@Nullable Type type, String text) {
    String[] parts = text.split("/", -1);
    return new ObjectName(
        Objects.requireNonNull(type), parts.length > 1 ? parts[0] : null, parts[parts.length - 1]);
  }

  private static @Nullable String value(String word) {
    return word.equals("-") || word.equals("never") ? null : word;
  }
}
