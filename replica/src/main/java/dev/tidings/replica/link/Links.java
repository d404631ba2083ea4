package dev.tidings.replica.link;

import dev.tidings.causal.TimeTable;
import dev.tidings.clock.Origin;
import dev.tidings.replica.EventLoop;
import dev.tidings.replica.OverloadedException;
import dev.tidings.replica.storage.ReplicaStore;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The links of a replica to all its peers, on a loop of their own, so that reading the log never
 * keeps the replica's waiting.
 */
public final class Links {
  private final Function<String, ManagedChannel> channels;
  private final Map<Integer, LinkSettings> settings;
  private final Handshake handshake;
  private final ReplicaStore store;
  private final EventLoop loop;
  private final DoubleSupplier jitter;

  /** Read by any thread. */
  private volatile SortedMap<Integer, PeerLink> links = new TreeMap<>();

  /** The newest news that the loop has not seen; null for none. */
  private final AtomicReference<@Nullable News> unseen = new AtomicReference<>();

  private News latest = News.NONE;
  private @Nullable Listener listener;

  /**
   * What changes at the replica and its peers are told.
   *
   * @param own how far this replica is, durably
   * @param others how far other replicas are, as far as this one knows
   * @param awaited whether somebody waits until this replica's writes are durable elsewhere
   */
  public record News(TimeTable.Row own, Map<Origin, TimeTable.Row> others, boolean awaited) {
    static final News NONE = new News(TimeTable.Row.NONE, Map.of(), false);
  }

  /** Who hears what peers answer; called on the links' loop. */
  public interface Listener {
    /** A peer answered our hello: who it is now, and how far. */
    void onAnswer(Origin peer, TimeTable.Row standing);

    /** A peer holds this replica's own log durably up to there. */
    void onAcknowledged(Origin peer, long upTo);

    /** A peer does not take this replica for a member of its cluster. */
    void onMismatch(int peerId, String why);

    /** A peer says that this replica belongs to the cluster no longer. */
    void onRemoved(int peerId, String why);
  }

  /**
   * @param channels opens a channel to a HOST:PORT
   * @param settings simulated links at the start, by peer; none for those not listed
   * @param jitter between 0 and 1, for retries that do not come in step
   */
  public Links(
      Function<String, ManagedChannel> channels,
      Map<Integer, LinkSettings> settings,
      Handshake handshake,
      ReplicaStore store,
      EventLoop loop,
      DoubleSupplier jitter) {
    this.channels = channels;
    this.settings = settings;
    this.handshake = handshake;
    this.store = store;
    this.loop = loop;
    this.jitter = jitter;
  }

  /** Whom to tell what peers answer; before {@link #setPeers}. */
  public void listen(Listener heard) {
    listener = heard;
  }

  /**
   * Connects to these peers, and to no others. One thread at a time.
   *
   * @param addresses HOST:PORT of each other replica's peer port, by its id
   */
  public void setPeers(Map<Integer, String> addresses) {
    Listener heard = Objects.requireNonNull(listener);
    SortedMap<Integer, PeerLink> before = links;
    var next = new TreeMap<Integer, PeerLink>();
    addresses.forEach(
        (id, address) -> {
          PeerLink known = before.get(id);
          if (known != null && known.address().equals(address)) {
            next.put(id, known);
            return;
          }
          var link =
              new PeerLink(
                  id,
                  address,
                  channels.apply(address),
                  store,
                  handshake,
                  settings.getOrDefault(id, LinkSettings.NONE),
                  loop,
                  jitter,
                  heard);
          next.put(id, link);
          loop.execute(() -> link.start(latest));
        });
    before.values().stream()
        .filter(link -> next.get(link.peerId()) != link)
        .forEach(link -> loop.execute(link::stop));
    links = next;
  }

  /** Whether any peer is sent others' logs, and not this replica's alone. Any thread. */
  public boolean areRelaying() {
    return links.values().stream().anyMatch(PeerLink::isRelaying);
  }

  /** What is durable here, or known of others, has changed. Any thread; the latest counts. */
  public void onNews(News news) {
    // One task is enough for all the news that come before it runs.
    if (unseen.getAndSet(news) == null) {
      loop.execute(
          () -> {
            News newest = unseen.getAndSet(null);
            if (newest != null) {
              latest = newest;
              links.values().forEach(link -> link.onNews(newest));
            }
          });
    }
  }

  /** The store is to be opened anew: whoever reads a long snapshot of it ends that. Any thread. */
  public void endSnapshots() {
    loop.execute(() -> links.values().forEach(PeerLink::endSnapshot));
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

  /**
   * Hands a client's write on to the home of its keys. Any thread.
   *
   * @param answers gets the home's answer, or a {@link HomeUnreachableException} if the write was
   *     not sent; any other failure without a reason of ours leaves open whether it happened
   * @throws HomeUnreachableException if the home is no member of the cluster
   * @throws OverloadedException if the links have too much to do
   */
  public void forward(
      int home,
      ClientWriteRequest write,
      Deadline deadline,
      StreamObserver<ClientWriteResponse> answers) {
    PeerLink link = links.get(home);
    if (link == null) {
      throw new HomeUnreachableException(home, "it is no member of the cluster");
    }
    if (!loop.offer(() -> link.forward(write, deadline, answers))) {
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
