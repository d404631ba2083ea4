package dev.tidings.torture;

import dev.tidings.client.Bytes;
import dev.tidings.client.Content;
import dev.tidings.client.FeedEntry;
import dev.tidings.client.FeedPage;
import dev.tidings.client.Item;
import dev.tidings.client.Query;
import dev.tidings.client.ReplicaStatus;
import dev.tidings.client.Session;
import dev.tidings.client.SetPage;
import dev.tidings.client.Tidings;
import dev.tidings.client.TidingsException;
import dev.tidings.client.Value;
import dev.tidings.clock.Origin;
import dev.tidings.clock.PositionSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * What all replicas hold when everything is healed, and nobody writes any more.
 *
 * @param origins the replicas as they are now, in the order of their ids
 * @param registers by replica, in the order of {@link Workload#keys}
 * @param ledgers by replica, in the order of the speakers
 * @param objects by replica, in the order of {@link Workload#objects}
 * @param frontier what all of them show
 */
record Ending(
    List<Origin> origins,
    Map<String, List<Value>> registers,
    Map<String, List<List<FeedEntry>>> ledgers,
    Map<String, List<Content>> objects,
    PositionSet frontier) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final long LOOK_NANOS = 100_000_000;
  private static final int KEYS_AT_ONCE = 100;

  /** The replicas did not become equal in time. */
  static final class NotEqualException extends Exception {
    private static final long serialVersionUID = 1L;

    NotEqualException(String message) {
      super(message);
    }
  }

  /**
   * Waits until all replicas show the same writes, and nothing is stalled.
   *
   * @param replicas their addresses, in the order of their ids
   * @throws NotEqualException if they do not in time: what is missing where
   */
  static void awaitEquality(List<String> replicas) throws NotEqualException {
    try (Tidings tidings = Tidings.connect(replicas.get(0), DEADLINE)) {
      awaitEquality(replicas, tidings);
    }
  }

  private static List<ReplicaStatus> awaitEquality(List<String> replicas, Tidings tidings)
      throws NotEqualException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Map<String, ReplicaStatus> answers = new LinkedHashMap<>();
      var silent = new ArrayList<String>();
      for (String replica : replicas) {
        try {
          answers.put(replica, tidings.admin(replica).status());
        } catch (TidingsException e) {
          silent.add(e.getMessage());
        }
      }
      Set<PositionSet> frontiers = new HashSet<>();
      answers.values().forEach(status -> frontiers.add(status.frontier()));
      boolean stalled = answers.values().stream().anyMatch(status -> status.stalledNow() > 0);
      if (silent.isEmpty() && frontiers.size() == 1 && !stalled) {
        return List.copyOf(answers.values());
      }
      if (System.nanoTime() > end) {
        throw new NotEqualException(
            "after %d s the replicas are not equal:%s%s"
                .formatted(
                    PATIENCE.toSeconds(),
                    differences(List.copyOf(answers.values())),
                    silent.isEmpty() ? "" : "\n    " + String.join("\n    ", silent)));
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private static String differences(List<ReplicaStatus> all) {
    PositionSet anywhere = PositionSet.EMPTY;
    for (ReplicaStatus status : all) {
      anywhere = anywhere.union(status.frontier());
    }
    var text = new StringBuilder();
    for (ReplicaStatus status : all) {
      text.append(
          "\n    replica %d: lacks %s, has %d stalled writes%s"
              .formatted(
                  status.origin().replicaId(),
                  words(anywhere.minus(status.frontier())),
                  status.stalledNow(),
                  status.stalled().isEmpty()
                      ? ""
                      : ", the first %s for want of %s"
                          .formatted(
                              status.stalled().get(0).position(),
                              words(status.stalled().get(0).missing()))));
      status.peers().stream()
          .filter(peer -> !peer.connected())
          .forEach(peer -> text.append(", does not reach " + peer.replicaId()));
    }
    return text.toString();
  }

  /** By origin, how many, and from where to where. */
  private static String words(PositionSet positions) {
    Map<Origin, long[]> extents = new LinkedHashMap<>();
    positions.forEachRange(
        (origin, first, last) -> {
          long[] extent = extents.computeIfAbsent(origin, it -> new long[] {0, first, last});
          extent[0] += last - first + 1;
          extent[2] = last;
        });
    return extents.isEmpty()
        ? "nothing"
        : extents.entrySet().stream()
            .map(
                entry ->
                    "%d writes of %s, incarnation %d, within %d to %d"
                        .formatted(
                            entry.getValue()[0],
                            entry.getKey(),
                            entry.getKey().incarnation(),
                            entry.getValue()[1],
                            entry.getValue()[2]))
            .collect(Collectors.joining(" and "));
  }

  /**
   * Waits as {@link #awaitEquality}, and reads everything. What a client had asked before its
   * connection ended may still happen meanwhile: then it begins again.
   *
   * @param replicas their addresses, in the order of their ids
   */
  static Ending read(List<String> replicas, int ledgers) throws NotEqualException {
    try (Tidings tidings = Tidings.connect(replicas.get(0), DEADLINE)) {
      while (true) {
        List<ReplicaStatus> before = awaitEquality(replicas, tidings);
        Map<String, List<Value>> registers = new LinkedHashMap<>();
        Map<String, List<List<FeedEntry>>> all = new LinkedHashMap<>();
        Map<String, List<Content>> objects = new LinkedHashMap<>();
        for (String replica : replicas) {
          Session reader = tidings.session();
          reader.moveTo(replica);
          registers.put(replica, registers(reader));
          var feeds = new ArrayList<List<FeedEntry>>();
          for (int i = 0; i < ledgers; i++) {
            feeds.add(reader.feed(Workload.ledger(i), false));
          }
          all.put(replica, feeds);
          var contents = new ArrayList<Content>();
          Workload.objects().forEach(item -> contents.add(whole(reader, item)));
          objects.put(replica, contents);
        }
        List<ReplicaStatus> after = awaitEquality(replicas, tidings);
        if (before.get(0).frontier().equals(after.get(0).frontier())) {
          return new Ending(
              after.stream().map(ReplicaStatus::origin).toList(),
              registers,
              all,
              objects,
              after.get(0).frontier());
        }
      }
    }
  }

  /** What an object holds, all of it. */
  private static Content whole(Session reader, Item.Simple<?> item) {
    Content first = reader.read(item);
    if (first instanceof SetPage set
        && set.next().size() > 0
        && item instanceof Item.Elements all) {
      return new SetPage(List.copyOf(reader.set(all.set())), Bytes.EMPTY, set.changedBy());
    }
    if (first instanceof FeedPage feed && feed.next().size() > 0 && item instanceof Item.Feed all) {
      return new FeedPage(reader.feed(all.feed(), false), Bytes.EMPTY);
    }
    return first;
  }

  private static List<Value> registers(Session reader) {
    List<Bytes> keys = Workload.keys();
    var values = new ArrayList<Value>();
    for (int from = 0; from < keys.size(); from += KEYS_AT_ONCE) {
      List<Bytes> some = keys.subList(from, Math.min(keys.size(), from + KEYS_AT_ONCE));
      values.addAll(reader.read(new Query(some, List.of(), false)).values());
    }
    return values;
  }
}
