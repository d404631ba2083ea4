package dev.tidings.client.cli;

import dev.tidings.client.ReplicaStatus;
import dev.tidings.client.ReplicaStatus.Log;
import dev.tidings.client.ReplicaStatus.Peer;
import dev.tidings.clock.Origin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How replicas stand, as two tables that stay readable for as many as there may be: what is the
 * same for several replicas stands there once.
 */
final class StatusTables {
  /** Those that answered, by id. */
  private final SortedMap<Integer, ReplicaStatus> reached;

  private final Map<Integer, String> addresses;

  /**
   * @param addresses where clients reach them
   */
  StatusTables(Map<Integer, ReplicaStatus> reached, Map<Integer, String> addresses) {
    this.reached = new TreeMap<>(reached);
    this.addresses = addresses;
  }

  /** A line for each replica. */
  String replicas() {
    return Tables.table(
        reached.values(),
        List.of(
            Tables.number("replica", status -> status.origin().replicaId()),
            Tables.text(
                "clients at", status -> addresses.getOrDefault(status.origin().replicaId(), "")),
            Tables.text("serves", status -> status.serving() ? "yes" : "no"),
            Tables.number("Lamport", ReplicaStatus::lamportTime),
            Tables.number("stalled", ReplicaStatus::stalledNow),
            Tables.words("sends to", StatusTables::links)));
  }

  /** A line for each replica that does not serve, and says why. */
  String reasons() {
    var lines = new StringBuilder();
    reached.forEach(
        (id, status) -> {
          if (!status.serving() && !status.notServingReason().isEmpty()) {
            lines.append(
                "replica %d does not serve: %s%n".formatted(id, status.notServingReason()));
          }
        });
    return lines.toString();
  }

  private static String links(ReplicaStatus status) {
    Map<String, List<Integer>> byState = new LinkedHashMap<>();
    for (Peer peer : status.peers()) {
      byState.computeIfAbsent(state(peer), state -> new ArrayList<>()).add(peer.replicaId());
    }
    var words = new ArrayList<String>();
    byState.forEach((state, ids) -> words.add(Tables.ranges(ids) + state));
    return String.join("; ", words);
  }

  private static String state(Peer peer) {
    var words = new StringBuilder();
    if (!peer.link().delay().isZero()) {
      words.append(" in ").append(Durations.words(peer.link().delay()));
    }
    if (peer.link().cut()) {
      words.append(" (cut)");
    } else if (!peer.connected()) {
      words.append(" (not connected)");
    }
    return words.toString();
  }

  /** How some replicas are with one log. */
  private record State(String held, String visible, String lagWrites, String lag) {}

  /**
   * A line of the table.
   *
   * @param log empty where it is the same as in the line above
   */
  private record Line(String log, String replicas, State state) {}

  /** A line for each log and each state in which replicas are with it. */
  String logs() {
    var lines = new ArrayList<Line>();
    for (Origin origin : origins()) {
      @Nullable ReplicaStatus observer = observer(origin);
      SortedMap<Integer, State> states = new TreeMap<>();
      for (int id : replicaIds()) {
        state(id, origin, observer).ifPresent(state -> states.put(id, state));
      }
      Map<State, List<Integer>> grouped = new LinkedHashMap<>();
      states.forEach((id, state) -> grouped.computeIfAbsent(state, s -> new ArrayList<>()).add(id));
      String name = name(origin);
      for (Map.Entry<State, List<Integer>> group : grouped.entrySet()) {
        lines.add(new Line(name, Tables.ranges(group.getValue()), group.getKey()));
        name = "";
      }
    }
    return lines.isEmpty()
        ? "nothing has been written yet"
        : Tables.table(
            lines,
            List.of(
                Tables.text("log of", Line::log),
                Tables.words("at replica", Line::replicas),
                Tables.number("held", line -> line.state().held()),
                Tables.number("visible", line -> line.state().visible()),
                Tables.number("lag, writes", line -> line.state().lagWrites()),
                Tables.number("lag, time", line -> line.state().lag())));
  }

  private SortedSet<Origin> origins() {
    var origins = new TreeSet<Origin>();
    for (ReplicaStatus status : reached.values()) {
      origins.addAll(status.held().prefixes().counts().keySet());
      origins.addAll(status.frontier().prefixes().counts().keySet());
    }
    return origins;
  }

  private SortedSet<Integer> replicaIds() {
    var ids = new TreeSet<>(reached.keySet());
    reached.values().forEach(status -> status.peers().forEach(peer -> ids.add(peer.replicaId())));
    return ids;
  }

  /** Whose word counts on who lacks what of a log. */
  private @Nullable ReplicaStatus observer(Origin origin) {
    @Nullable ReplicaStatus best = null;
    for (ReplicaStatus status : reached.values()) {
      if (status.origin().equals(origin)) {
        return status;
      }
      if (best == null || status.held().upTo(origin) > best.held().upTo(origin)) {
        best = status;
      }
    }
    return best;
  }

  private Optional<State> state(int id, Origin origin, @Nullable ReplicaStatus observer) {
    @Nullable ReplicaStatus own = reached.get(id);
    Optional<Log> seen =
        observer == null
            ? Optional.empty()
            : observer.peers().stream()
                .filter(peer -> peer.replicaId() == id)
                .flatMap(peer -> peer.logs().stream())
                .filter(log -> log.origin().equals(origin))
                .findFirst();
    if (own == null && seen.isEmpty()) {
      return Optional.empty();
    }
    // The observer does not see itself, and lacks nothing.
    long lagWrites = seen.map(Log::lagWrites).orElse(0L);
    Duration lag = seen.map(Log::lag).orElse(Duration.ZERO);
    return Optional.of(
        new State(
            String.valueOf(own != null ? own.held().upTo(origin) : seen.orElseThrow().held()),
            own != null ? visible(own, origin) : String.valueOf(seen.orElseThrow().visible()),
            String.valueOf(lagWrites),
            lagWrites == 0 ? "" : lag.isZero() ? "not known" : words(lag)));
  }

  private static String visible(ReplicaStatus status, Origin origin) {
    long upTo = status.frontier().upTo(origin);
    var beyond = new long[1];
    status
        .frontier()
        .forEachRange(
            (of, first, last) -> {
              if (of.equals(origin) && first > upTo) {
                beyond[0] += last - first + 1;
              }
            });
    return beyond[0] == 0 ? String.valueOf(upTo) : upTo + "+" + beyond[0];
  }

  /** Roughly, as people say it. */
  private static String words(Duration lag) {
    long millis = lag.toMillis();
    if (millis < 1_000) {
      return millis + " ms";
    }
    if (millis < 100_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
    }
    return lag.toMinutes() < 120 ? lag.toMinutes() + " min" : lag.toHours() + " h";
  }

  /** The replica's number; with its incarnation where another one is meant than it lives in now. */
  private String name(Origin origin) {
    int id = origin.replicaId();
    @Nullable ReplicaStatus now = reached.get(id);
    boolean isNow =
        now != null
            ? now.origin().equals(origin)
            : origins().stream().filter(other -> other.replicaId() == id).count() == 1;
    return isNow ? String.valueOf(id) : id + ", as " + origin.incarnation();
  }
}
