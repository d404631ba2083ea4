package dev.tidings.lab;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress, on a terminal only: a file or a pipe would get a line of its own for each step. */
final class Bars {
  private Bars() {}

  /** Of a time, in milliseconds. */
  static ProgressBar seconds(String task, long totalMillis) {
    return builder(task, totalMillis).setUnit(" s", 1_000).build();
  }

  /** Of so many things. */
  static ProgressBar things(String task, long total) {
    return builder(task, total).build();
  }

  /** Of what is only a part of what another bar shows. */
  static ProgressBar hidden() {
    return builder("", 1).setConsumer(new NoBar()).build();
  }

  private static ProgressBarBuilder builder(String task, long total) {
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(total)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(200);
    if (!Boolean.getBoolean("tidings.terminal")) {
      builder.setConsumer(new NoBar());
    }
    return builder;
  }
}
