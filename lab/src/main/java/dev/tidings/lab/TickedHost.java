package dev.tidings.lab;

import dev.tidings.drift.DriftEvent;
import dev.tidings.drift.DriftHost;
import dev.tidings.drift.DriftMessage;
import java.io.IOException;
import java.util.List;

/** What real time ticks: the core's host, or somebody's own program. Confined to one thread. */
interface TickedHost extends AutoCloseable {
  void deliver(DriftMessage message) throws IOException;

  /**
   * One tick.
   *
   * @return what happened; one event, if the host keeps to the rules
   * @throws LabException if the host cannot go on
   */
  List<DriftEvent> tick(long nowMicros) throws IOException, InterruptedException;

  /** Whether the log should say of which tick an event is, since the host may not keep to one. */
  boolean logsTicks();

  @Override
  void close();

  /** The core's host. */
  static TickedHost of(DriftHost host) {
    return new TickedHost() {
      @Override
      public void deliver(DriftMessage message) {
        host.deliver(message);
      }

      @Override
      public List<DriftEvent> tick(long nowMicros) {
        return List.of(host.tick(nowMicros));
      }

      @Override
      public boolean logsTicks() {
        return false;
      }

      @Override
      public void close() {}
    };
  }
}
