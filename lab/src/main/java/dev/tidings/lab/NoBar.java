package dev.tidings.lab;

import me.tongfei.progressbar.ProgressBarConsumer;

/** Shows no progress. */
final class NoBar implements ProgressBarConsumer {
  private static final int WIDTH = 80;

  @Override
  public int getMaxRenderedLength() {
    return WIDTH;
  }

  @Override
  public void accept(String line) {}

  @Override
  public void close() {}
}
