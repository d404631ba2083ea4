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
   * What happened at a tick.
   *
   * @param tick its number, from 0; {@link EventLog#NO_TICK} where the log need not say, since the
   *     host is known to have one event at each
   */
  record Ticked(DriftEvent event, long tick) {}

  /**
   * One tick.
   *
   * @return what has happened since the tick before; one event, if the host keeps to the rules
   * @throws LabException if the host cannot go on
   */
  List<Ticked> tick(long nowMicros) throws IOException, InterruptedException;

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
      public List<Ticked> tick(long nowMicros) {
        return List.of(new Ticked(host.tick(nowMicros), EventLog.NO_TICK));
      }

      @Override
      public void close() {}
    };
  }
}
