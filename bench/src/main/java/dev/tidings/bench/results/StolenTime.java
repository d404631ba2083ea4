package dev.tidings.bench.results;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * How much of the processors' time a virtual machine did not get, though it could have used it,
 * since other guests had it (Linux' /proc/stat). Ratios of one round bear some of that, and figures
 * by themselves none.
 */
public final class StolenTime {
  /** Of the first line: user, nice, system, idle, iowait, irq, softirq, steal. */
  private static final int STEAL = 7;

  /** Less than this is nothing to speak of. */
  private static final double NOTABLE = 0.01;

  private final Path stat;
  private long[] last;

  /** Begins to count. */
  public StolenTime() {
    this(Path.of("/proc/stat"));
  }

  StolenTime(Path stat) {
    this.stat = stat;
    this.last = now();
  }

  private long[] now() {
    try {
      String first = Files.readAllLines(stat).get(0);
      return Arrays.stream(first.strip().split(" +"))
          .skip(1)
          .limit(STEAL + 1)
          .mapToLong(Long::parseLong)
          .toArray();
    } catch (IOException e) {
      return new long[STEAL + 1];
    }
  }

  /** The share, 0 to 1, since this was asked last; 0 where the system does not tell. */
  public double share() {
    long[] now = now();
    long all = Arrays.stream(now).sum() - Arrays.stream(last).sum();
    double share = all <= 0 ? 0 : (now[STEAL] - last[STEAL]) / (double) all;
    last = now;
    return share;
  }

  /** In words; empty if it is nothing to speak of. */
  public static String text(double share) {
    return share < NOTABLE
        ? ""
        : String.format(
            Locale.ROOT,
            "other guests of the hardware had %.0f %% of the processors' time meanwhile",
            100 * share);
  }
}
