package dev.tidings.replica;

import dev.tidings.causal.CausalReplica;
import dev.tidings.causal.Membership;
import dev.tidings.causal.TimeTable;
import dev.tidings.clock.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is asked for whose log. Each peer is asked for its own; another origin's is asked of whoever
 * holds more of it than we do, one at a time, and only while its direct link is down or when it has
 * none any more. A link that is only slow is never bypassed. Confined to the replica's loop.
 */
final class Inflow {
  private static final Logger LOG = LoggerFactory.getLogger(Inflow.class);

  /** A link that has been gone for so long is down; a replica that restarts is back before. */
  private static final long DOWN_MICROS = 1_000_000;

  /**
   * While so much of an origin's log is stalled, no more of it is asked for. Nobody else's waits
   * for that, and nothing waits for ever: of all writes that are not visible, the one with the
   * lowest version has everything it depends on, and nothing of its own origin is stalled before
   * it.
   */
  private static final int MAX_STALLED_WRITES = 10_000;

  private static final long MAX_STALLED_BYTES = 64L << 20;

  private final CausalReplica core;
  private final Origin self;
  private final Membership membership;
  private final TimeTable table;
  private final EventLoop loop;

  /** All that are open, the latest of a peer last. */
  private final List<Peer> open = new ArrayList<>();

  /** The latest of each peer. */
  private final SortedMap<Integer, Peer> peers = new TreeMap<>();

  /** Which peer is asked for an origin's log that is not its own. */
  private final Map<Origin, Integer> relays = new HashMap<>();

  /** Since when a replica's direct stream is gone; from the start for those not listed. */
  private final Map<Integer, Long> goneSince = new HashMap<>();

  private final Set<Origin> paused = new HashSet<>();
  private final long startedMicros;
  private boolean changed;

  /** A peer whose stream is open. */
  private static final class Peer {
    final Origin origin;
    final PeerStream stream;
    final Set<Origin> everAsked = new HashSet<>();

    /** The log's name, and whether it is paused. */
    Map<Origin, Boolean> asked = Map.of();

    Peer(Origin origin, PeerStream stream) {
      this.origin = origin;
      this.stream = stream;
    }
  }

  Inflow(CausalReplica core, Origin self, Membership membership, TimeTable table, EventLoop loop) {
    this.core = core;
    this.self = self;
    this.membership = membership;
    this.table = table;
    this.loop = loop;
    this.startedMicros = loop.nowMicros();
  }

  /** From now on gone links count as down once they have been so for long enough. */
  void start() {
    loop.schedule(DOWN_MICROS, () -> changed = true);
  }

  /** A peer's stream has been welcomed; from now on the peer is asked on this one. */
  void opened(Origin origin, PeerStream stream) {
    var peer = new Peer(origin, stream);
    open.add(peer);
    peers.put(origin.replicaId(), peer);
    goneSince.remove(origin.replicaId());
    changed = true;
  }

  /** Who is connected. */
  List<Origin> open() {
    return open.stream().map(peer -> peer.origin).toList();
  }

  /** Whether a member's stream is open. */
  boolean isOpen(int replicaId) {
    return peers.containsKey(replicaId);
  }

  /** A stream has ended; whose it was, if it was open. */
  @Nullable Origin closed(PeerStream stream) {
    Peer peer = of(stream);
    if (peer == null) {
      return null;
    }
    open.remove(peer);
    int id = peer.origin.replicaId();
    if (peers.get(id) == peer) {
      peers.remove(id);
      open.stream()
          .filter(other -> other.origin.replicaId() == id)
          .forEach(other -> peers.put(id, other));
    }
    if (!peers.containsKey(id)) {
      goneSince.put(id, loop.nowMicros());
      relays.values().removeIf(relay -> relay == id);
      loop.schedule(DOWN_MICROS, () -> changed = true);
    }
    changed = true;
    return peer.origin;
  }

  private @Nullable Peer of(PeerStream stream) {
    for (Peer peer : open) {
      if (peer.stream == stream) {
        return peer;
      }
    }
    return null;
  }

  /** Whose stream it is; null if it has ended. */
  @Nullable Origin peer(PeerStream stream) {
    Peer peer = of(stream);
    return peer == null ? null : peer.origin;
  }

  /** Whether the stream was ever asked for that log. */
  boolean wasAsked(PeerStream stream, Origin origin) {
    Peer peer = of(stream);
    return peer != null && peer.everAsked.contains(origin);
  }

  /** Members or what is known of them have changed. */
  void changed() {
    changed = true;
  }

  /** The stream does not send that log any more, whatever was asked for. */
  void ended(PeerStream stream, Origin origin) {
    Peer peer = of(stream);
    if (peer != null) {
      var left = new HashMap<>(peer.asked);
      left.remove(origin);
      peer.asked = left;
    }
  }

  /**
   * Some of an origin's log has come.
   *
   * @throws OverloadedException if it goes on coming though it was long ago said not to
   */
  void received(Origin origin) {
    CausalReplica.Load load = core.stalledLoad(origin);
    if (load.writes() >= 4 * MAX_STALLED_WRITES || load.bytes() >= 4 * MAX_STALLED_BYTES) {
      throw new OverloadedException(
          "%d writes of %s are stalled, and no more were asked for"
              .formatted(load.writes(), origin));
    }
    if (!paused.contains(origin) && isBeyond(core.stalledLoad(origin), 1)) {
      paused.add(origin);
      changed = true;
    }
  }

  private static boolean isBeyond(CausalReplica.Load load, int part) {
    return load.writes() >= MAX_STALLED_WRITES / part || load.bytes() >= MAX_STALLED_BYTES / part;
  }

  /** Asks anew where what is wanted has changed. At the end of a round. */
  void update() {
    if (paused.removeIf(origin -> !isBeyond(core.stalledLoad(origin), 2))) {
      changed = true;
    }
    if (!changed) {
      return;
    }
    changed = false;
    List.copyOf(open).stream()
        .filter(peer -> peer.stream.hasEnded())
        .forEach(peer -> closed(peer.stream));
    chooseRelays();
    for (Peer peer : peers.values()) {
      var wanted = new TreeMap<Origin, Boolean>();
      wanted.put(peer.origin, paused.contains(peer.origin));
      relays.forEach(
          (origin, id) -> {
            if (id == peer.origin.replicaId()) {
              wanted.put(origin, paused.contains(origin));
            }
          });
      if (!wanted.equals(peer.asked)) {
        peer.asked = wanted;
        peer.everAsked.addAll(wanted.keySet());
        var wants = new TreeMap<Origin, PeerStream.Want>();
        wanted.forEach(
            (origin, isPaused) ->
                wants.put(origin, new PeerStream.Want(heldUpTo(origin), isPaused)));
        peer.stream.want(wants);
      }
    }
  }

  private void chooseRelays() {
    var known = new TreeSet<Origin>();
    peers.values().forEach(peer -> known.addAll(table.row(peer.origin).held().counts().keySet()));
    known.remove(self);
    relays.keySet().retainAll(known);
    for (Origin origin : known) {
      if (!isDown(origin)) {
        relays.remove(origin);
        continue;
      }
      Peer best = null;
      for (Peer peer : peers.values()) {
        if (best == null || heldBy(peer, origin) > heldBy(best, origin)) {
          best = peer;
        }
      }
      Integer chosen = relays.get(origin);
      Peer now = chosen == null ? null : peers.get(chosen);
      boolean isAhead = now != null && heldBy(now, origin) > heldUpTo(origin);
      if (!isAhead && best != null && heldBy(best, origin) > heldUpTo(origin)) {
        relays.put(origin, best.origin.replicaId());
        LOG.info(
            "the log of {}, incarnation {}, comes through {}",
            origin,
            origin.incarnation(),
            best.origin);
      }
    }
  }

  private long heldBy(Peer peer, Origin origin) {
    return table.row(peer.origin).held().upTo(origin);
  }

  private long heldUpTo(Origin origin) {
    return core.progress().held().upTo(origin);
  }

  private boolean isDown(Origin origin) {
    Peer direct = peers.get(origin.replicaId());
    if (direct != null && direct.origin.equals(origin)) {
      return false;
    }
    if (membership.rank(origin) == Membership.Rank.ENDED) {
      return true;
    }
    long since = goneSince.getOrDefault(origin.replicaId(), startedMicros);
    return loop.nowMicros() - since >= DOWN_MICROS;
  }

  /** The open streams of some, and whose they are. */
  Map<PeerStream, Origin> streams(Predicate<Origin> whose) {
    var streams = new LinkedHashMap<PeerStream, Origin>();
    for (Peer peer : open) {
      if (whose.test(peer.origin)) {
        streams.put(peer.stream, peer.origin);
      }
    }
    return streams;
  }
}
