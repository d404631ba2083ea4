package dev.tidings.lab;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.HostChance;
import dev.tidings.drift.TickSchedule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The rates of an experiment's hosts: a list, or a distribution that they are drawn from.
 * Immutable.
 *
 * @param list one for each host, ticks a second; empty if they are drawn
 * @param distribution its name and its numbers, such as {@code uniform 1-6}; empty if they are
 *     listed
 */
record ClockSpeeds(List<BigDecimal> list, String distribution) {
  static final ClockSpeeds DEFAULT = new ClockSpeeds(List.of(), "uniform 1-6");

  private static final String ALLOWED =
      "clock speeds are numbers with spaces or commas between them, such as \"6 5 1\", or"
          + " \"uniform 1-6\", \"constant 3\", \"normal MEAN DEVIATION\" or \"zipf HIGHEST"
          + " EXPONENT\", not \"%s\"";
  private static final int SPEEDS = 1;
  private static final int MAX_ZIPF = 1000;

  ClockSpeeds {
    list = List.copyOf(list);
    list.forEach(speed -> new TickSchedule(speed.doubleValue()));
    if (list.isEmpty()) {
      // So that a bad one is refused when it is given.
      draw(distribution, 1, new ExperimentSeed(0));
    }
  }

  /**
   * @throws IllegalArgumentException if the text is neither; the message says what is allowed
   */
  static ClockSpeeds parse(String text) {
    String trimmed = text.strip().toLowerCase(Locale.ROOT);
    if (!trimmed.isEmpty() && Character.isLetter(trimmed.charAt(0))) {
      return new ClockSpeeds(List.of(), trimmed);
    }
    var all = new ArrayList<BigDecimal>();
    for (String speed : trimmed.split("[\\s,]+", -1)) {
      try {
        all.add(new BigDecimal(speed));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(ALLOWED.formatted(text), e);
      }
    }
    return new ClockSpeeds(all, "");
  }

  @JsonCreator
  static ClockSpeeds of(JsonNode node) {
    if (node.isTextual()) {
      return parse(node.asText());
    }
    var all = new ArrayList<BigDecimal>();
    for (JsonNode speed : node) {
      if (!speed.isNumber()) {
        throw new IllegalArgumentException(ALLOWED.formatted(node));
      }
      all.add(speed.decimalValue());
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException(ALLOWED.formatted(node));
    }
    return new ClockSpeeds(all, "");
  }

  @JsonValue
  Object json() {
    return list.isEmpty() ? distribution : list;
  }

  /** One for each host. */
  double[] rates(int hosts, ExperimentSeed seed) {
    return list.isEmpty()
        ? draw(distribution, hosts, seed)
        : list.stream().mapToDouble(BigDecimal::doubleValue).toArray();
  }

  /** The same speeds as a list. */
  ClockSpeeds listed(int hosts, ExperimentSeed seed) {
    return new ClockSpeeds(
        Arrays.stream(rates(hosts, seed))
            .mapToObj(BigDecimal::valueOf)
            .map(speed -> new BigDecimal(speed.stripTrailingZeros().toPlainString()))
            .toList(),
        "");
  }

  private static double[] draw(String distribution, int hosts, ExperimentSeed seed) {
    String[] words = distribution.split("[\\s,:()]+|(?<=[0-9])-", -1);
    double[] numbers = new double[Math.max(0, words.length - 1)];
    try {
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = Double.parseDouble(words[i + 1]);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(ALLOWED.formatted(distribution), e);
    }
    HostChance chance = seed.chanceOfSetting(SPEEDS);
    double[] rates = new double[hosts];
    String shape = words[0] + "/" + numbers.length;
    switch (shape) {
      case "constant/1" -> {
        new TickSchedule(numbers[0]);
        Arrays.fill(rates, numbers[0]);
      }
      case "uniform/2" -> {
        new TickSchedule(numbers[0]);
        new TickSchedule(numbers[1]);
        if (numbers[0] > numbers[1]) {
          throw new IllegalArgumentException(ALLOWED.formatted(distribution));
        }
        boolean isWhole =
            numbers[0] == Math.rint(numbers[0]) && numbers[1] == Math.rint(numbers[1]);
        for (int i = 0; i < hosts; i++) {
          rates[i] =
              isWhole
                  ? numbers[0] + chance.nextInt((int) (numbers[1] - numbers[0]) + 1)
                  : round(numbers[0] + chance.nextDouble() * (numbers[1] - numbers[0]));
        }
      }
      case "normal/2" -> {
        new TickSchedule(numbers[0]);
        if (!(numbers[1] >= 0 && numbers[1] <= TickSchedule.MAX_RATE)) {
          throw new IllegalArgumentException(ALLOWED.formatted(distribution));
        }
        for (int i = 0; i < hosts; i++) {
          // What lies below a tenth of the mean, or beyond all rates, is moved to that edge.
          double drawn = numbers[0] + numbers[1] * gaussian(chance);
          double lowest = Math.max(TickSchedule.MIN_RATE, numbers[0] / 10);
          rates[i] = round(Math.min(TickSchedule.MAX_RATE, Math.max(lowest, drawn)));
        }
      }
      case "zipf/1", "zipf/2" -> {
        double exponent = numbers.length == 2 ? numbers[1] : 1;
        if (!(numbers[0] >= 1 && numbers[0] <= MAX_ZIPF && exponent >= 0 && exponent <= 10)) {
          throw new IllegalArgumentException(ALLOWED.formatted(distribution));
        }
        double[] upTo = new double[(int) numbers[0]];
        double sum = 0;
        for (int rank = 1; rank <= upTo.length; rank++) {
          sum += Math.pow(rank, -exponent);
          upTo[rank - 1] = sum;
        }
        for (int i = 0; i < hosts; i++) {
          int place = Arrays.binarySearch(upTo, chance.nextDouble() * sum);
          rates[i] = Math.min(upTo.length, place < 0 ? -place : place + 1);
        }
      }
      default -> throw new IllegalArgumentException(ALLOWED.formatted(distribution));
    }
    return rates;
  }

  /** Box and Muller's: the same on every machine, as strict mathematics is. */
  private static double gaussian(HostChance chance) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log1p(-chance.nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * chance.nextDouble());
  }

  /** To thousandths, so that what people read is what is used. */
  private static double round(double rate) {
    return Math.round(rate * 1000) / 1000.0;
  }

  @Override
  public String toString() {
    return list.isEmpty() ? distribution : list.toString();
  }
}
