package dev.tidings.replica;

import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.replica.link.Links;
import dev.tidings.replica.link.PeerStatus;
import dev.tidings.replica.storage.Identity;
import dev.tidings.server.MetricsServer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** A replica's metrics, in Micrometer; docs/operations.md lists them. */
public final class ReplicaMeters implements ReplicaMetrics {
  private final MeterRegistry registry;
  private final Timer syncs;
  private final Timer stalls;
  private final Timer waits;
  private final Set<Integer> watched = new HashSet<>();
  private IntConsumer watchPeer = peer -> {};

  public ReplicaMeters(MeterRegistry registry) {
    this.registry = registry;
    this.syncs =
        MetricsServer.histogram(
            registry, "tidings.storage.sync", "What it took to make a round of changes durable");
    this.stalls =
        MetricsServer.histogram(
            registry, "tidings.write.stall", "How long writes were stalled that are visible now");
    this.waits =
        MetricsServer.histogram(
            registry,
            "tidings.request.wait",
            "How long requests waited for visibility, in vain or not");
  }

  @Override
  public void synced(long micros) {
    syncs.record(micros, TimeUnit.MICROSECONDS);
  }

  @Override
  public void unstalled(long micros) {
    stalls.record(micros, TimeUnit.MICROSECONDS);
  }

  @Override
  public void waited(long micros) {
    waits.record(micros, TimeUnit.MICROSECONDS);
  }

  /**
   * Shows how a node stands. Whoever scrapes after the node is closed reads a closed store.
   *
   * @param outside as the node has it
   */
  public void watch(ReplicaNode node, ReplicaNode.Surroundings outside) {
    Replica replica = node.replica();
    Identity identity = replica.identity();
    int self = identity.origin().replicaId();
    gauge(
        "tidings.replica.info",
        "Which replica this is",
        Tags.of(
            "cluster", identity.cluster(),
            "replica", String.valueOf(self),
            "incarnation", String.valueOf(identity.origin().incarnation()),
            "consistency", identity.consistency().toString().toLowerCase(Locale.ROOT)),
        () -> 1);
    gauge(
        "tidings.lamport.time.ticks",
        "The replica's Lamport time",
        Tags.empty(),
        () -> replica.standing().progress().lamportTime());
    gauge(
        "tidings.stalled.writes",
        "Writes that are durable here, but not visible yet",
        Tags.empty(),
        () -> replica.standing().progress().stalled());
    FunctionCounter.builder("tidings.writes.stalled", replica, r -> r.standing().stalledTotal())
        .description("Writes that were ever stalled since the replica started")
        .register(registry);
    gauge(
        "tidings.stalled.oldest.age.seconds",
        "How long the write that has been stalled longest has been so",
        Tags.empty(),
        () -> {
          OptionalLong since = replica.standing().oldestStalledMicros();
          return since.isPresent() ? (outside.loop().nowMicros() - since.getAsLong()) / 1e6 : 0;
        });
    gauge(
        "tidings.waiting.requests",
        "Requests that wait",
        Tags.of("wait_for", "visibility"),
        () -> replica.standing().waiting());
    gauge(
        "tidings.waiting.requests",
        "Requests that wait",
        Tags.of("wait_for", "acks"),
        () -> replica.standing().waitingForAcks());
    gauge(
        "tidings.storage.full",
        "Whether writes are refused, for want of space on the disk",
        Tags.empty(),
        () -> node.store().isFull() ? 1 : 0);
    watchOrigin(replica, self);
    watchPeer =
        peer -> {
          watchOrigin(replica, peer);
          watchPeer(node, peer, outside.wallClock());
        };
    watched.forEach(watchPeer::accept);
  }

  @Override
  public void peers(Set<Integer> ids) {
    ids.stream().filter(watched::add).forEach(watchPeer::accept);
  }

  /** Counts that are kept by incarnation are added up, so that the labels are few and known. */
  private void watchOrigin(Replica replica, int origin) {
    Tags tags = Tags.of("origin", String.valueOf(origin));
    gauge(
        "tidings.log.head.writes",
        "Writes of the origin's log that are durable here",
        tags,
        () ->
            replica.standing().progress().held().counts().entrySet().stream()
                .filter(entry -> entry.getKey().replicaId() == origin)
                .mapToLong(entry -> entry.getValue())
                .sum());
    gauge(
        "tidings.visible.writes",
        "Writes of the origin that are visible here",
        tags,
        () -> {
          long[] count = {0};
          replica
              .standing()
              .progress()
              .frontier()
              .forEachRange(
                  (each, first, last) ->
                      count[0] += each.replicaId() == origin ? last - first + 1 : 0);
          return count[0];
        });
  }

  private void watchPeer(ReplicaNode node, int peer, InstantSource wallClock) {
    Origin self = node.replica().identity().origin();
    Tags tags = Tags.of("peer", String.valueOf(peer));
    // A replica sends its own log only.
    Tags lag = tags.and("origin", String.valueOf(self.replicaId()));
    gauge(
        "tidings.peer.connected",
        "Whether this replica's log flows to the peer now",
        tags,
        () -> status(node.links(), peer).map(PeerStatus::connected).orElse(false) ? 1 : 0);
    gauge(
        "tidings.replication.lag.writes",
        "Writes of the origin that the peer has not acknowledged",
        lag,
        () -> Math.max(0, head(node.replica()) - acknowledged(node, peer)));
    gauge(
        "tidings.replication.lag.seconds",
        "How long ago the first of the writes was accepted that the peer has not acknowledged",
        lag,
        () -> {
          long next = acknowledged(node, peer) + 1;
          boolean isCut = next <= node.store().logStart().upTo(self);
          if (next > head(node.replica()) || isCut) {
            return 0;
          }
          long accepted = node.store().log(new Position(self, next)).committedAtMicros();
          long now = ChronoUnit.MICROS.between(Instant.EPOCH, wallClock.instant());
          // The wall clock may have been set back in between.
          return Math.max(0, now - accepted) / 1e6;
        });
  }

  private static long head(Replica replica) {
    return replica.standing().progress().held().upTo(replica.identity().origin());
  }

  /** One that is no peer any more lacks nothing. */
  private static long acknowledged(ReplicaNode node, int peer) {
    return status(node.links(), peer)
        .map(PeerStatus::acknowledged)
        .orElseGet(() -> head(node.replica()));
  }

  private static Optional<PeerStatus> status(Links links, int peer) {
    return links.status().stream().filter(s -> s.replicaId() == peer).findFirst();
  }

  /** Shows how many tasks wait for a loop. */
  void watchMailbox(String name, ThreadedEventLoop loop) {
    gauge(
        "tidings.mailbox.tasks",
        "Tasks that wait for the event loop",
        Tags.of("loop", name),
        loop::queued);
  }

  private void gauge(String name, String description, Tags tags, Supplier<Number> value) {
    Gauge.builder(name, value).description(description).tags(tags).register(registry);
  }
}
