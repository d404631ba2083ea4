package dev.tidings.torture;

import dev.tidings.torture.Link.Mood;
import dev.tidings.torture.Plan.Deed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/** Does what is planned to a cluster, and starts again what ends by itself. Used by one thread. */
final class Tormentor {
  private static final long LOOK_NANOS = 50_000_000;

  /** A replica that has run for so long when its disk becomes full is not only just starting. */
  private static final long STARTED_NANOS = 15_000_000_000L;

  private final TorturedCluster cluster;
  private final Plan plan;
  private final Journal journal;
  private final Map<Fault, Integer> done = new EnumMap<>(Fault.class);
  private final List<Wipe> wipes = new ArrayList<>();
  private final List<String> findings = new ArrayList<>();

  /** Replicas that have ended by themselves, and are to be started again. */
  private final Set<Integer> ended = new TreeSet<>();

  private boolean isDiskFull;
  private long diskFullNanos;
  private long smallDiskUserStartNanos = System.nanoTime();

  /**
   * A disk that was lost.
   *
   * @param atMicros since 1970, when the replica had ended
   */
  record Wipe(int replica, long atMicros) {}

  /** The beginning or the end of a deed. */
  private record Moment(long atMillis, Deed deed, boolean begins) {}

  Tormentor(TorturedCluster cluster, Plan plan, Journal journal) {
    this.cluster = cluster;
    this.plan = plan;
    this.journal = journal;
  }

  /** The whole plan; returns when its last fault is healed. */
  void run() throws IOException, InterruptedException {
    var moments = new ArrayList<Moment>();
    for (Deed deed : plan.deeds()) {
      moments.add(new Moment(deed.atMillis(), deed, true));
      moments.add(new Moment(deed.untilMillis(), deed, false));
    }
    // Sorting is stable: what ends by the time that something begins, ends before.
    moments.sort(Comparator.comparingLong(Moment::atMillis).thenComparing(Moment::begins));
    long start = System.nanoTime();
    for (Moment moment : moments) {
      long at = start + moment.atMillis() * 1_000_000;
      while (System.nanoTime() < at) {
        LockSupport.parkNanos(Math.min(LOOK_NANOS, at - System.nanoTime()));
        startWhatHasEnded();
      }
      if (moment.begins()) {
        begin(moment.deed());
      } else {
        end(moment.deed());
      }
    }
  }

  private void begin(Deed deed) throws IOException, InterruptedException {
    if (deed.fault() == Fault.FULL_DISK && !cluster.hasSmallDisk()) {
      return;
    }
    journal.tell(
        "%s, for %.1f s".formatted(deed.words(), (deed.untilMillis() - deed.atMillis()) / 1_000.0));
    done.merge(deed.fault(), 1, Integer::sum);
    int replica = deed.replica();
    switch (deed.fault()) {
      case KILL -> kill(replica);
      case KILL_ALL -> {
        for (int id = 1; id <= cluster.size(); id++) {
          kill(id);
        }
      }
      case RESTART -> stop(replica);
      case STOP -> {
        if (!ended.contains(replica)) {
          cluster.pause(replica);
        }
      }
      case CUT -> cluster.set(replica, deed.peer(), Mood.CUT);
      case ISOLATE -> isolate(replica, Mood.CUT);
      case SLOW -> cluster.set(replica, deed.peer(), Mood.SLOW);
      case HALF_OPEN ->
          cluster.set(
              replica, deed.peer(), deed.forward() ? Mood.SWALLOWS_THERE : Mood.SWALLOWS_BACK);
      case HANG -> cluster.set(replica, deed.peer(), Mood.HANGING);
      case FULL_DISK -> {
        cluster.fillDisk();
        isDiskFull = true;
        diskFullNanos = System.nanoTime();
      }
      case WIPE -> {
        kill(replica);
        wipes.add(new Wipe(replica, Workload.nowMicros()));
        cluster.wipe(replica);
      }
    }
  }

  private void end(Deed deed) throws IOException, InterruptedException {
    int replica = deed.replica();
    switch (deed.fault()) {
      case KILL, RESTART, WIPE -> start(replica);
      case KILL_ALL -> {
        for (int id = 1; id <= cluster.size(); id++) {
          start(id);
        }
      }
      case STOP -> {
        if (!ended.contains(replica)) {
          cluster.resume(replica);
        }
      }
      case CUT, SLOW, HALF_OPEN, HANG -> cluster.set(replica, deed.peer(), Mood.OPEN);
      case ISOLATE -> isolate(replica, Mood.OPEN);
      case FULL_DISK -> {
        if (cluster.hasSmallDisk()) {
          cluster.emptyDisk();
          isDiskFull = false;
        }
      }
    }
  }

  private void kill(int id) throws IOException, InterruptedException {
    ended.remove(id);
    cluster.kill(id);
  }

  private void stop(int id) throws IOException, InterruptedException {
    if (ended.remove(id)) {
      return;
    }
    int code = cluster.stop(id);
    // A replica that has only just been started may end by the signal itself.
    if (code != 0 && code != 143) {
      findings.add("replica %d was asked to stop, and ended with exit code %d".formatted(id, code));
    }
  }

  private void start(int id) throws IOException {
    ended.remove(id);
    cluster.start(id);
    if (id == plan.fullDisk()) {
      smallDiskUserStartNanos = System.nanoTime();
    }
  }

  private void isolate(int replica, Mood mood) {
    for (int id = 1; id <= cluster.size(); id++) {
      if (id != replica) {
        cluster.set(replica, id, mood);
        cluster.set(id, replica, mood);
      }
    }
  }

  private void startWhatHasEnded() throws IOException, InterruptedException {
    for (int id = 1; id <= cluster.size(); id++) {
      if (cluster.hasEndedByItself(id)) {
        int code = cluster.exitCode(id);
        cluster.kill(id);
        ended.add(id);
        String what = "replica %d ended by itself with exit code %d".formatted(id, code);
        boolean mayHave = id == plan.fullDisk() && foundItsDiskFull();
        journal.tell(mayHave ? what + ", since it found its disk full at the start" : what);
        if (!mayHave) {
          findings.add(what);
        }
      }
    }
    for (int id : List.copyOf(ended)) {
      if (!(isDiskFull && id == plan.fullDisk())) {
        start(id);
      }
    }
  }

  /** It goes on with a full disk, but cannot begin with one. */
  private boolean foundItsDiskFull() {
    return diskFullNanos != 0 && smallDiskUserStartNanos > diskFullNanos - STARTED_NANOS;
  }

  /** How often each fault came. */
  Map<Fault, Integer> done() {
    return done;
  }

  List<Wipe> wipes() {
    return wipes;
  }

  /** What went wrong that no fault explains. */
  List<String> findings() {
    return findings;
  }
}
