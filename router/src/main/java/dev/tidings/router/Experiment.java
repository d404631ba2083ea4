package dev.tidings.router;

import dev.tidings.drift.FanOut;
import dev.tidings.drift.NoSuchTargetException;
import dev.tidings.v1.HostLost;
import dev.tidings.v1.Membership;
import dev.tidings.v1.RouteResponse;
import dev.tidings.v1.Start;
import dev.tidings.v1.Undeliverable;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One experiment: its hosts gather, run, and finish or get lost. Confined to the service's context.
 */
final class Experiment {
  private static final Logger LOG = LoggerFactory.getLogger(Experiment.class);

  /**
   * Above so many hosts, all are told only of one joining host in as many, and of the last: telling
   * each of each would be the cube of their number.
   */
  private static final int MANY = 64;

  private final String name;
  private final int expected;
  private final int maxParcel;
  private final RouterCounts counts;

  /** All who are here, and in a run that has started all who were. */
  private final TreeMap<Integer, HostQueue> hosts = new TreeMap<>();

  private final Set<Integer> finished = new HashSet<>();
  private final Set<Integer> lost = new HashSet<>();
  private @Nullable FanOut fanOut;

  /**
   * @param maxParcel so many messages travel together at most
   */
  Experiment(String name, int expected, int maxParcel, RouterCounts counts) {
    this.name = name;
    this.expected = expected;
    this.maxParcel = maxParcel;
    this.counts = counts;
  }

  String name() {
    return name;
  }

  /** Whether nobody is in it any more, or will be. */
  boolean isOver() {
    return finished.size() + lost.size() == hosts.size();
  }

  /** Takes a host in, and starts the run with the last one; or says why not. */
  @Nullable Refusal join(int id, int expectedByHost, HostQueue queue) {
    if (fanOut != null) {
      return new Refusal(
          Status.Code.FAILED_PRECONDITION,
          "RUN_STARTED",
          "experiment %s is running; host %d comes too late".formatted(name, id));
    }
    if (hosts.containsKey(id)) {
      return new Refusal(
          Status.Code.ALREADY_EXISTS,
          "HOST_ID_TAKEN",
          "experiment %s has a host %d already".formatted(name, id));
    }
    if (expectedByHost != expected) {
      return new Refusal(
          Status.Code.FAILED_PRECONDITION,
          "HOSTS_MISMATCH",
          "experiment %s waits for %d hosts, and host %d for %d"
              .formatted(name, expected, id, expectedByHost));
    }
    hosts.put(id, queue);
    LOG.info("{}: host {} joined, {} of {} are here", name, id, hosts.size(), expected);
    if (hosts.size() <= MANY || hosts.size() == expected || hosts.size() % MANY == 0) {
      tellMembership();
    } else {
      tell(id, Parcel.of(membership()));
    }
    if (hosts.size() == expected) {
      fanOut = new FanOut(hosts.keySet());
      LOG.info("{}: all are here, the run starts", name);
      tellOthers(0, RouteResponse.newBuilder().setStart(Start.getDefaultInstance()).build());
    }
    return null;
  }

  private void tellMembership() {
    tellOthers(0, membership());
  }

  private RouteResponse membership() {
    return RouteResponse.newBuilder()
        .setMembership(
            Membership.newBuilder().addAllHostIds(hosts.keySet()).setExpectedHosts(expected))
        .build();
  }

  /** Passes envelopes on, in their order. */
  void route(int from, Envelopes envelopes) {
    for (int i = 0; i < envelopes.size(); ) {
      int end = envelopes.endOfRun(i);
      route(from, envelopes, i, end);
      i = end;
    }
  }

  /** Those of a frame often have the same target: they travel together. */
  private void route(int from, Envelopes envelopes, int first, int end) {
    int target = envelopes.target(first);
    if (fanOut == null) {
      tellUndeliverable(from, target, end - first, "the run has not started yet");
      return;
    }
    List<Integer> ids;
    try {
      ids = fanOut.recipients(from, target);
    } catch (NoSuchTargetException e) {
      tellUndeliverable(from, target, end - first, String.valueOf(e.getMessage()));
      return;
    }
    counts.deliveries.add((long) (end - first) * ids.size());
    for (int i = first; i < end; ) {
      int most = Math.min(end, i + maxParcel);
      Parcel deliveries = envelopes.deliveries(from, i, most, HostQueue.MAX_FRAME_BYTES);
      for (int id : ids) {
        tell(id, deliveries);
      }
      i += deliveries.messages();
    }
  }

  private void tellUndeliverable(int from, int target, int envelopes, String why) {
    counts.undeliverable.add(envelopes);
    var undeliverable =
        Parcel.of(
            RouteResponse.newBuilder()
                .setUndeliverable(Undeliverable.newBuilder().setTarget(target).setWhy(why))
                .build());
    for (int i = 0; i < envelopes; i++) {
      tell(from, undeliverable);
    }
  }

  /** The host's own run is over; it may still be sent to. */
  void finish(int id, HostQueue queue) {
    if (hosts.get(id) != queue || lost.contains(id)) {
      return;
    }
    if (fanOut == null) {
      LOG.info("{}: host {} left before the run started", name, id);
      hosts.remove(id);
      queue.complete();
      tellMembership();
    } else if (finished.add(id)) {
      LOG.info("{}: host {} finished", name, id);
      completeIfOver();
    }
  }

  /** The host is gone. The others are told, and go on. */
  void lose(int id, HostQueue queue, String why) {
    // Before the start another host may have taken the id of one that left.
    if (hosts.get(id) != queue || lost.contains(id)) {
      return;
    }
    queue.abandon();
    LOG.info("{}: lost host {}: {}", name, id, why);
    if (fanOut == null) {
      hosts.remove(id);
      tellMembership();
      return;
    }
    finished.remove(id);
    lost.add(id);
    counts.hostsLost.increment();
    tellOthers(
        id,
        RouteResponse.newBuilder()
            .setHostLost(HostLost.newBuilder().setHostId(id).setWhy(why))
            .build());
    completeIfOver();
  }

  private void completeIfOver() {
    if (isOver()) {
      LOG.info("{}: the run is over", name);
      hosts.values().forEach(HostQueue::complete);
    }
  }

  private void tellOthers(int exceptId, RouteResponse response) {
    var parcel = Parcel.of(response);
    for (int id : new ArrayList<>(hosts.keySet())) {
      if (id != exceptId) {
        tell(id, parcel);
      }
    }
  }

  /** Whose stream has ended is told nothing. */
  private void tell(int id, Parcel parcel) {
    HostQueue queue = hosts.get(id);
    if (queue != null && !queue.send(parcel)) {
      Refusal full = queue.full();
      queue.fail(full.toStatus());
      lose(id, queue, full.message());
    }
  }
}
