package dev.tidings.lab;

import dev.tidings.drift.LinkModel.Delay;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Delays of links as people write them. */
final class Delays {
  private static final String ALLOWED =
      "a link's delay is 0, \"50ms\", \"uniform 10ms-50ms\" or \"exponential 30ms\" (its mean;"
          + " \"exponential 10ms 30ms\" comes on top of 10 ms), an hour at most, not \"%s\"";
  private static final Pattern TIME = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|ms|s|)");

  private Delays() {}

  /**
   * @throws IllegalArgumentException if the text is no delay; the message says what is allowed
   */
  static Delay parse(String text) {
    String[] words = text.strip().toLowerCase(Locale.ROOT).split("[\\s,:()-]+", -1);
    try {
      return switch (words[0] + "/" + (words.length - 1)) {
        case "constant/1" -> new Delay(Delay.Shape.CONSTANT, nanos(words[1]), 0);
        case "uniform/2" ->
            new Delay(Delay.Shape.UNIFORM, nanos(words[1]), nanos(words[2]) - nanos(words[1]));
        case "exponential/1" -> new Delay(Delay.Shape.EXPONENTIAL, 0, nanos(words[1]));
        case "exponential/2" ->
            new Delay(Delay.Shape.EXPONENTIAL, nanos(words[1]), nanos(words[2]));
        default -> new Delay(Delay.Shape.CONSTANT, nanos(String.join(" ", words)), 0);
      };
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(ALLOWED.formatted(text), e);
    }
  }

  private static long nanos(String text) {
    Matcher matcher = TIME.matcher(text);
    // Without a unit nobody knows what is meant, but of nothing.
    if (!matcher.matches() || (matcher.group(2).isEmpty() && !text.matches("[0.]+"))) {
      throw new IllegalArgumentException();
    }
    int digits =
        switch (matcher.group(2)) {
          case "ns" -> 0;
          case "us" -> 3;
          case "ms" -> 6;
          default -> 9;
        };
    return new BigDecimal(matcher.group(1)).movePointRight(digits).longValueExact();
  }

  /** What {@link #parse} takes. */
  static String format(Delay delay) {
    String min = time(delay.minNanos());
    return switch (delay.shape()) {
      case CONSTANT -> min;
      case UNIFORM -> "uniform " + min + "-" + time(delay.minNanos() + delay.rangeNanos());
      case EXPONENTIAL ->
          "exponential " + (delay.minNanos() == 0 ? "" : min + " ") + time(delay.rangeNanos());
    };
  }

  private static String time(long nanos) {
    return BigDecimal.valueOf(nanos, 6).stripTrailingZeros().toPlainString() + "ms";
  }
}
