package dev.tidings.client.cli;

import java.util.function.LongConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar on the terminal's standard error for what takes longer than a second. */
final class Progress implements LongConsumer, AutoCloseable {
  private static final long QUIET_NANOS = 1_000_000_000;
  private static final int LOOK_EVERY = 1_024;
  private static final long MEBIBYTE = 1 << 20;
  private static final long UNKNOWN = -1;

  private final String task;
  private final long max;
  private final boolean isBytes;
  private final long beginNanos = System.nanoTime();
  private int calls;
  private @Nullable ProgressBar bar;

  /**
   * @param task a word or two
   * @param max how far it goes; 0 if that is not known, and then nothing is shown
   */
  Progress(String task, long max) {
    this(task, max, false);
  }

  private Progress(String task, long max, boolean isBytes) {
    this.task = task;
    this.max = max;
    this.isBytes = isBytes;
  }

  /** Of a few large steps, bytes. */
  static Progress ofBytes(String task, long max) {
    return new Progress(task, max, true);
  }

  /** Of a few large steps, bytes, nobody knows how many. */
  static Progress ofBytes(String task) {
    return new Progress(task, UNKNOWN, true);
  }

  @Override
  public void accept(long done) {
    boolean look = isBytes || ++calls % LOOK_EVERY == 0 || bar != null;
    if (max == 0 || !look || !Boolean.getBoolean("tidings.terminal")) {
      return;
    }
    if (bar == null && System.nanoTime() - beginNanos > QUIET_NANOS) {
      ProgressBarBuilder builder =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(max)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(200);
      if (isBytes) {
        builder.setUnit(" MiB", MEBIBYTE);
      }
      bar = builder.build();
    }
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
