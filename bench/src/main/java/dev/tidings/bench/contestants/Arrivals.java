package dev.tidings.bench.contestants;

import dev.tidings.bench.load.Client.Answer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Counts how many messages of one sender have arrived, wherever. Any thread. */
final class Arrivals {
  private final AtomicLong missing = new AtomicLong();
  private final AtomicReference<@Nullable Answer> waiting = new AtomicReference<>();

  void expect(long messages, Answer answer) {
    waiting.set(answer);
    missing.set(messages);
  }

  void arrived(long messages) {
    if (missing.addAndGet(-messages) == 0) {
      Answer answer = waiting.get();
      if (answer != null) {
        answer.arrived();
      }
    }
  }

  void failed(Throwable reason) {
    Answer answer = waiting.get();
    if (answer != null) {
      answer.failed(reason);
    }
  }
}
