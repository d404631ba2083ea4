package dev.tidings.replica;

import dev.tidings.clock.Origin;
import dev.tidings.replica.storage.ReadView;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Moments that clients have named. Each holds one view of the store, whose superseded values stay
 * on the disk as long, until nobody has read it for a while. Any thread.
 */
final class Moments {
  /** So many at once. */
  static final int MOST = 1_000;

  /** One that is not read for so long is not kept any more. */
  static final Duration IDLE = Duration.ofMinutes(5);

  /** Nor is one that is older. */
  static final Duration LIFE = Duration.ofHours(1);

  private static final long LOOK_MICROS = 10_000_000;

  private final Origin self;
  private final EventLoop loop;
  private final Map<Long, Kept> kept = new HashMap<>();
  private long nextNumber;
  private boolean looks;
  private boolean stopped;

  private static final class Kept {
    private final ReadView view;
    private final long sinceMicros;
    private long readMicros;

    Kept(ReadView view, long nowMicros) {
      this.view = view;
      this.sinceMicros = nowMicros;
      this.readMicros = nowMicros;
    }

    boolean isOver(long nowMicros) {
      return nowMicros - readMicros > IDLE.toNanos() / 1_000
          || nowMicros - sinceMicros > LIFE.toNanos() / 1_000;
    }
  }

  /**
   * @param firstNumber above all that an earlier life of this replica has given
   */
  Moments(Origin self, EventLoop loop, long firstNumber) {
    this.self = self;
    this.loop = loop;
    this.nextNumber = firstNumber;
  }

  /**
   * Keeps what a view shows.
   *
   * @param view stays the caller's, who has it open
   * @throws OverloadedException if there are too many, or none are kept any more
   */
  synchronized Moment.Kept keep(ReadView view) {
    if (stopped) {
      throw new OverloadedException("the replica is stopping, and keeps no moments any more");
    }
    if (kept.size() >= MOST) {
      throw new OverloadedException(
          "%d moments are kept here, and no more at once are possible".formatted(MOST));
    }
    view.enter();
    long number = nextNumber++;
    kept.put(number, new Kept(view, loop.nowMicros()));
    if (!looks) {
      looks = true;
      loop.execute(this::lookLater);
    }
    return new Moment.Kept(self, number);
  }

  /**
   * What is kept under a number. The caller closes it.
   *
   * @throws MomentNotKeptException if it is not kept any more
   */
  synchronized ReadView open(long number) {
    Kept moment = kept.get(number);
    long now = loop.nowMicros();
    if (moment == null || moment.isOver(now)) {
      throw new MomentNotKeptException(
          "the moment is no longer kept here: that is for %d minutes after it was last read, %d at most, and until the replica restarts or its disk is full; read anew"
              .formatted(IDLE.toMinutes(), LIFE.toMinutes()));
    }
    moment.readMicros = now;
    moment.view.enter();
    return moment.view;
  }

  /** Nobody will read it any more. */
  synchronized void release(long number) {
    Kept moment = kept.remove(number);
    if (moment != null) {
      moment.view.close();
    }
  }

  /** None is kept any more. */
  synchronized void releaseAll() {
    List.copyOf(kept.keySet()).forEach(this::release);
  }

  /** The same, and from now on. */
  synchronized void stop() {
    stopped = true;
    releaseAll();
  }

  private void lookLater() {
    loop.schedule(LOOK_MICROS, this::look);
  }

  private synchronized void look() {
    long now = loop.nowMicros();
    List.copyOf(kept.entrySet()).stream()
        .filter(each -> each.getValue().isOver(now))
        .forEach(each -> release(each.getKey()));
    looks = !kept.isEmpty();
    if (looks) {
      lookLater();
    }
  }
}
