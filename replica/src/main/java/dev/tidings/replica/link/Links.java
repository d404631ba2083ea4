package dev.tidings.replica.link;

import dev.tidings.clock.Origin;
import dev.tidings.replica.EventLoop;
import dev.tidings.replica.OverloadedException;
import dev.tidings.replica.storage.ReplicaStore;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.Function;

/**
 * The links of a replica to all its peers, on a loop of their own, so that reading the log never
 * keeps the replica's waiting.
 */
public final class Links {
  private final EventLoop loop;
  private final SortedMap<Integer, PeerLink> links = new TreeMap<>();

  /** The newest head that the loop has not seen; 0 for none. */
  private final AtomicLong newHead = new AtomicLong();

  /**
   * @param peers HOST:PORT of each other replica's peer port, by its id
   * @param channels opens a channel to such an address
   * @param settings simulated links at the start, by peer; none for those not listed
   * @param jitter between 0 and 1, for retries that do not come in step
   */
  public Links(
      Map<Integer, String> peers,
      Function<String, ManagedChannel> channels,
      Map<Integer, LinkSettings> settings,
      Origin self,
      Handshake handshake,
      ReplicaStore log,
      EventLoop loop,
      DoubleSupplier jitter) {
    this.loop = loop;
    peers.forEach(
        (id, address) ->
            links.put(
                id,
                new PeerLink(
                    id,
                    address,
                    channels.apply(address),
                    self,
                    handshake,
                    log,
                    settings.getOrDefault(id, LinkSettings.NONE),
                    loop,
                    jitter)));
  }

  /** Told how far a peer holds this replica's own log durably; called on the links' loop. */
  public interface AcknowledgementListener {
    void onAcknowledged(int peerId, long upTo);
  }

  /** Begins to connect. */
  public void start(long head, AcknowledgementListener listener) {
    loop.execute(() -> links.values().forEach(link -> link.start(head, listener)));
  }

  /** This replica's own log is durable up to {@code head}. Any thread. */
  public void onHead(long head) {
    // One task is enough for all the heads that come before it runs.
    if (newHead.getAndSet(head) == 0) {
      loop.execute(
          () -> {
            long newest = newHead.getAndSet(0);
            links.values().forEach(link -> link.onHead(newest));
          });
    }
  }

  /**
   * Changes a simulated link, at once. Any thread.
   *
   * @throws UnknownPeerException if there is no link to that replica
   * @throws OverloadedException if the links have too much to do
   */
  public void set(int peerId, LinkSettings settings) {
    PeerLink link = links.get(peerId);
    if (link == null) {
      throw new UnknownPeerException(peerId, links.keySet());
    }
    if (!loop.offer(() -> link.set(settings))) {
      throw new OverloadedException("the links have too many requests queued up");
    }
  }

  /** How all links stand, by peer id. Any thread. */
  public List<PeerStatus> status() {
    var all = new ArrayList<PeerStatus>();
    links.values().forEach(link -> all.add(link.status()));
    return all;
  }

  /** Ends all streams. */
  public void stop() {
    loop.execute(() -> links.values().forEach(PeerLink::stop));
  }
}
