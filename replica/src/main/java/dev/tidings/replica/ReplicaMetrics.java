package dev.tidings.replica;

import java.util.Set;

/**
 * What a replica counts as it works. It is told on the replica's loop, so it must be quick, and
 * must not block. All else that metrics show is read from outside: {@link Replica#standing}.
 */
public interface ReplicaMetrics {
  /** Counts nothing. */
  ReplicaMetrics NONE =
      new ReplicaMetrics() {
        @Override
        public void synced(long micros) {}

        @Override
        public void unstalled(long micros) {}

        @Override
        public void waited(long micros) {}

        @Override
        public void peers(Set<Integer> ids) {}
      };

  /** A round's changes are durable; that took so long. */
  void synced(long micros);

  /** A write is visible after it was stalled for so long. */
  void unstalled(long micros);

  /** A request waited so long for visibility, whether that came or not. */
  void waited(long micros);

  /** Who this replica's peers are, at first and when that changes. */
  void peers(Set<Integer> ids);
}
