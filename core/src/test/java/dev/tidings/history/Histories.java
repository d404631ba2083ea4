package dev.tidings.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Histories as short texts, an operation or group a line, numbered from 1 on:
 *
 * <pre>
 *   alice w x 1        wrote 1 to x; @7 behind it is its version, ! says refused, ? no answer
 *   bob r x 1          read it; - stands for absent, never for never written
 *   bob w x -          deleted x
 *   bob [ w x 1 ; r y 2 ]   did both together
 *   final 3 x 1        replica 3 held it at the end
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
        builder.finalValue(
            i + 1,
            held[0],
            held[1],
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
    String inner = text.replaceAll("[!?\\[\\]]", "").strip();
    for (String operation : inner.split("\\s*;\\s*", -1)) {
      String[] words = operation.split("\\s+", -1);
      SeenVersion version = words.length > 3 ? SeenVersion.parse(words[3].substring(1)) : null;
      if (words[0].equals("w")) {
        builder.write(line, words[1], value(words[2]), version);
      } else if (words[2].equals("never")) {
        builder.readNeverWritten(line, words[1]);
      } else {
        builder.read(line, words[1], value(words[2]), version);
      }
    }
  }

  private static @Nullable String value(String word) {
    return word.equals("-") || word.equals("never") ? null : word;
  }
}
