package dev.tidings.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.ReplicaStatus;
import dev.tidings.client.ReplicaStatus.Consistency;
import dev.tidings.client.ReplicaStatus.Link;
import dev.tidings.client.ReplicaStatus.Log;
import dev.tidings.client.ReplicaStatus.Peer;
import dev.tidings.clock.Origin;
import dev.tidings.clock.PositionSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class StatusTablesTest {
  private static final Link DIRECT = new Link(Duration.ZERO, false);

  private static Origin origin(int id) {
    return new Origin(id, 100 + id);
  }

  private static PositionSet all(int replicas, long upTo) {
    PositionSet set = PositionSet.EMPTY;
    for (int id = 1; id <= replicas; id++) {
      set = set.union(PositionSet.ofRange(origin(id), 1, upTo));
    }
    return set;
  }

  private static Peer peer(int id, boolean connected, Link link, List<Log> logs) {
    return new Peer(id, "p:1", "c:1", connected, 0, link, logs);
  }

  private static ReplicaStatus status(
      int id, long lamport, PositionSet frontier, PositionSet held, List<Peer> peers) {
    return new ReplicaStatus(
        "c",
        origin(id),
        Consistency.CAUSAL,
        lamport,
        frontier,
        held,
        List.of(),
        0,
        0,
        peers,
        id != 3,
        id == 3 ? "replica 3 is catching up" : "");
  }

  private static StatusTables tables(List<ReplicaStatus> reached) {
    Map<Integer, ReplicaStatus> byId = new TreeMap<>();
    Map<Integer, String> addresses = new TreeMap<>();
    reached.forEach(
        status -> {
          int id = status.origin().replicaId();
          byId.put(id, status);
          addresses.put(id, "127.0.0.1:" + (7999 + id));
        });
    return new StatusTables(byId, addresses);
  }

  @Test
  void each_log_has_a_line_for_each_state_in_which_replicas_are_with_it() {
    PositionSet complete =
        PositionSet.ofRange(origin(1), 1, 40).union(PositionSet.ofRange(origin(2), 1, 7));
    PositionSet behind =
        PositionSet.ofRange(origin(1), 1, 28).union(PositionSet.ofRange(origin(2), 1, 7));
    PositionSet shown =
        PositionSet.ofRange(origin(1), 1, 20)
            .union(PositionSet.ofRange(origin(1), 23, 25))
            .union(PositionSet.ofRange(origin(2), 1, 7));
    var link = new Link(Duration.ofSeconds(15), false);
    ReplicaStatus one =
        status(
            1,
            50,
            complete,
            complete,
            List.of(
                peer(2, true, DIRECT, List.of(new Log(origin(1), 40, 40, 0, Duration.ZERO))),
                peer(
                    3,
                    true,
                    link,
                    List.of(new Log(origin(1), 28, 20, 12, Duration.ofMillis(3210)))),
                peer(
                    4, false, DIRECT, List.of(new Log(origin(1), 5, 5, 35, Duration.ofHours(3))))));
    ReplicaStatus two =
        status(2, 51, complete, complete, List.of(peer(1, true, DIRECT, List.of())));
    ReplicaStatus three = status(3, 29, shown, behind, List.of(peer(1, false, DIRECT, List.of())));
    StatusTables tables = tables(List.of(one, two, three));
    assertEquals(
        """
        +---------+----------------+--------+---------+---------+------------------+
        | replica | clients at     | serves | Lamport | stalled | sends to         |
        +---------+----------------+--------+---------+---------+------------------+
        |       1 | 127.0.0.1:8000 | yes    |      50 |       0 | 2; 3 in 15s; 4   |
        |         |                |        |         |         | (not connected)  |
        |       2 | 127.0.0.1:8001 | yes    |      51 |       0 | 1                |
        |       3 | 127.0.0.1:8002 | no     |      29 |       0 | 1 (not           |
        |         |                |        |         |         | connected)       |
        +---------+----------------+--------+---------+---------+------------------+""",
        tables.replicas());
    assertEquals(
        """
        +--------+------------+------+---------+-------------+-----------+
        | log of | at replica | held | visible | lag, writes | lag, time |
        +--------+------------+------+---------+-------------+-----------+
        | 1      | 1, 2       |   40 |      40 |           0 |           |
        |        | 3          |   28 |    20+3 |          12 |     3.2 s |
        |        | 4          |    5 |       5 |          35 |       3 h |
        | 2      | 1-3        |    7 |       7 |           0 |           |
        +--------+------------+------+---------+-------------+-----------+""",
        tables.logs());
  }

  @Test
  void earlier_life_of_a_replica_is_named_by_its_incarnation() {
    PositionSet lives =
        PositionSet.ofRange(origin(1), 1, 3)
            .union(PositionSet.ofRange(new Origin(1, 2_000_000_000), 1, 9));
    assertTrue(
        tables(List.of(status(1, 5, lives, lives, List.of())))
            .logs()
            .contains("| 1, as 2000000000 |"),
        "");
  }

  @Test
  void sixteen_replicas_fit_into_80_columns() {
    var reached = new ArrayList<ReplicaStatus>();
    for (int id = 1; id <= 16; id++) {
      var peers = new ArrayList<Peer>();
      for (int peer = 1; peer <= 16; peer++) {
        if (peer != id) {
          peers.add(
              peer(
                  peer,
                  peer != 9,
                  DIRECT,
                  List.of(
                      peer == 9
                          ? new Log(
                              origin(id),
                              900_000_000,
                              899_999_999,
                              99_999_999,
                              Duration.ofMinutes(90))
                          : new Log(origin(id), 999_999_999, 999_999_999, 0, Duration.ZERO))));
        }
      }
      PositionSet held = all(16, id == 9 ? 900_000_000 : 999_999_999);
      reached.add(status(id, 16_000_000_000L, held, held, peers));
    }
    StatusTables tables = tables(reached);
    for (String table : List.of(tables.replicas(), tables.logs())) {
      table.lines().forEach(line -> assertTrue(line.length() <= 80, table));
    }
    // A header of three lines, two lines for each log, and the last.
    assertEquals(3 + 2 * 16 + 1, tables.logs().lines().count(), tables.logs());
  }

  @Test
  void nothing_written_is_said_in_words() {
    assertEquals(
        "nothing has been written yet",
        tables(List.of(status(1, 0, PositionSet.EMPTY, PositionSet.EMPTY, List.of()))).logs());
  }
}
