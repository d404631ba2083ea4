package dev.tidings.bench.load;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What loads know of time; tests have one of their own. */
interface Time {
  Time REAL =
      new Time() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public void awaitMoment(long nanos) {
          for (long early; (early = nanos - System.nanoTime()) > 0; ) {
            LockSupport.parkNanos(early);
          }
        }

        @Override
        public boolean await(CountDownLatch latch, long nanos) throws InterruptedException {
          return latch.await(nanos, TimeUnit.NANOSECONDS);
        }
      };

  /** As {@link System#nanoTime}. */
  long nanos();

  /** Returns at a moment, or at once if it is past. */
  void awaitMoment(long nanos);

  /** As {@link CountDownLatch#await(long, TimeUnit)}. */
  boolean await(CountDownLatch latch, long nanos) throws InterruptedException;
}
