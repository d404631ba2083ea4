package dev.tidings.drift;

/**
 * Is told of each event of a simulation as it happens: in the order of time, and of the hosts' ids
 * at one moment. Called by the thread that runs the part of the simulation to which it belongs, of
 * that part's hosts. Times are nanoseconds after the run's beginning.
 */
public interface SimulationSink {
  /** Wants to know nothing. */
  SimulationSink NONE =
      new SimulationSink() {
        @Override
        public void internal(int host, long nanos, long lamportTime) {}

        @Override
        public void send(int host, long nanos, long lamportTime, int tick, int target) {}

        @Override
        public void receive(
            int host,
            long nanos,
            long lamportTime,
            int queueLength,
            int from,
            int sentTick,
            int target,
            long sentLamportTime,
            long sentNanos) {}
      };

  /** An internal event. */
  void internal(int host, long nanos, long lamportTime);

  /**
   * A message leaves.
   *
   * @param tick the number of this event among the host's, from 0: names the message
   * @param target see {@link Target}
   */
  void send(int host, long nanos, long lamportTime, int tick, int target);

  /**
   * A message is taken off the inbox.
   *
   * @param queueLength how many are left there
   * @param sentTick names the message at its sender
   */
  void receive(
      int host,
      long nanos,
      long lamportTime,
      int queueLength,
      int from,
      int sentTick,
      int target,
      long sentLamportTime,
      long sentNanos);
}
