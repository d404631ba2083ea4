package dev.tidings.client.cli;

import dev.tidings.client.Bytes;
import dev.tidings.client.Condition;
import dev.tidings.client.Item;
import dev.tidings.client.Value;
import dev.tidings.client.WriteInfo;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Version;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Versions as people type them: {@code 5@1}, as they are shown; or {@code 5@1.7}, with the
 * incarnation of replica 1, as histories and JSON have them.
 */
final class Versions {
  private static final Pattern FORM = Pattern.compile("(\\d{1,18})@(\\d{1,9})(?:\\.(\\d{1,10}))?");

  private Versions() {}

  /**
   * That a register has a version. Where the incarnation was not typed, the replica is asked for
   * it: the condition itself names one version and no other.
   *
   * @throws CommandFailure if that is no version, or is not the register's
   */
  static Condition condition(Conversation conversation, Names names, Bytes key, String typed) {
    Matcher form = FORM.matcher(typed);
    if (!form.matches()) {
      throw notOne(typed, "such as 5@1");
    }
    if (form.group(3) != null) {
      return new Condition(names.map(), key, parse(typed, form));
    }
    Value value = conversation.session().read(names.in(Item.register(key)));
    @Nullable WriteInfo write = value.writtenBy();
    if (write == null || !write.version().toString().equals(typed)) {
      throw CommandFailure.conditionFailed(
          "replica %s: %s %s; the condition was that it has version %s"
              .formatted(
                  conversation.session().replica(),
                  Printable.of(key),
                  write == null
                      ? "has no version"
                      : (value.bytes() == null ? "was deleted by version " : "has version ")
                          + write.version(),
                  typed));
    }
    return new Condition(names.map(), key, write.version());
  }

  private static Version parse(String typed, Matcher form) {
    try {
      return new Version(
          Long.parseLong(form.group(1)),
          new Origin(Integer.parseInt(form.group(2)), Integer.parseInt(form.group(3))));
    } catch (NumberFormatException e) {
      throw notOne(typed, "its incarnation is beyond 31 bits");
    } catch (IllegalArgumentException e) {
      throw notOne(typed, String.valueOf(e.getMessage()));
    }
  }

  private static CommandFailure notOne(String typed, String why) {
    return CommandFailure.usage("\"%s\" is not a version: %s".formatted(typed, why));
  }
}
