package dev.tidings.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.Bytes;
import dev.tidings.client.FakeCluster;
import dev.tidings.client.FakeReplica;
import dev.tidings.client.Session;
import dev.tidings.client.Tidings;
import dev.tidings.v1.SimulatedLink;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientMainTest {
  @TempDir private Path directory = Path.of("");

  private final FakeCluster cluster = new FakeCluster(3);
  private final FakeReplica one = cluster.replica(1);
  private final FakeReplica two = cluster.replica(2);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final StringWriter errors = new StringWriter();

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void one_command_writes_and_another_reads() {
    assertEquals(0, client("put", "color", "blue"));
    assertEquals(0, client("get", "color", "--replica", "127.0.0.1:8000"));
    assertEquals(
        """
        written: version 1@1, position 1:1
        blue
        """,
        out.toString(UTF_8));
    assertEquals("", errors.toString());
  }

  @Test
  void goes_on_at_another_replica_when_the_first_does_not_answer() {
    String replicas = "127.0.0.1:1,127.0.0.1:8001";
    assertEquals(0, client("put", "color", "blue", "--replica", replicas), errors.toString());
    assertEquals(1, two.writes());
    assertEquals(0, client("get", "color", "--replica=" + replicas));
    assertEquals(2, client("get", "color", "--replica", "127.0.0.1:8000,nowhere"));
  }

  @Test
  void a_write_that_too_few_replicas_hold_is_told_and_stands() {
    one.setDurableOn(2);
    assertEquals(0, client("put", "color", "blue", "--acks", "2", "--acks-wait", "1s"));
    assertEquals(1, client("put", "color", "red", "--acks", "3", "--acks-wait", "1s"));
    assertEquals(
        "only 2 of 3 replicas are known to hold it after 1000 ms; the write stands\n",
        errors.toString());
    assertEquals(2, client("put", "color", "green", "--acks", "0"));
  }

  @Test
  void absent_value_says_whether_it_was_deleted() {
    assertEquals(0, script("get color", "put color blue", "delete color", "get color"));
    assertEquals(
        """
        (absent: never written here)
        written: version 1@1, position 1:1
        deleted: version 2@1, position 1:2
        (absent: deleted by version 2@1, position 1:2)
        """,
        out.toString(UTF_8));
  }

  @Test
  void alice_and_bob_say_their_words_at_their_homes() {
    assertEquals(0, script("lost", "wait 3", "found"), errors.toString());
    two.receiveFrom(one);
    assertEquals(0, run(List.of("--role", "bob"), "glad", "read"), errors.toString());
    assertEquals(
        """
        Alice: I have lost my wedding ring! (version 1@1, position 1:1)
        waited 3 s; the time is now 4
        Alice: I have found my wedding ring! (version 5@1, position 1:2)
        Bob: I am glad to hear that! (version 7@2, position 2:1)
        Alice: I have lost my wedding ring!
        Alice: I have found my wedding ring!
        Bob: I am glad to hear that!
        """,
        out.toString(UTF_8));
  }

  @Test
  void verbose_reading_shows_version_origin_and_dependencies() {
    assertEquals(0, script("lost", "say hello  there", "read -v"), errors.toString());
    assertTrue(
        out.toString(UTF_8)
            .endsWith(
                """
                Alice: I have lost my wedding ring!
                    version 1@1, position 1:1, origin replica 1, depends on nothing
                Alice: hello there
                    version 2@1, position 1:2, origin replica 1, depends on 1:1
                """),
        out.toString(UTF_8));
  }

  @Test
  void glad_stalls_until_found_is_readable() {
    assertEquals(0, script("lost", "found"));
    two.beforeRead(
        () -> {
          if (two.reads() == 3) {
            two.receiveFrom(one);
          }
        });
    assertEquals(0, client("--role", "bob", "glad"), errors.toString());
    String told = out.toString(UTF_8);
    assertTrue(
        told.contains(
            "stalled: Alice has not said \"I have found my wedding ring!\" yet, as far as replica"
                + " 127.0.0.1:8001 shows"),
        told);
    assertTrue(told.contains("\"I have found my wedding ring!\" is readable now, after"), told);
    assertTrue(told.contains("Bob: I am glad to hear that!"), told);
    assertEquals(3, two.reads());
  }

  @Test
  void glad_is_refused_where_waiting_is() {
    for (List<String> command :
        List.of(
            List.of("--role", "bob", "glad", "--no-wait"),
            List.of("--role", "bob", "--no-wait", "glad"))) {
      assertEquals(1, run(command));
    }
    assertEquals(1, run(List.of("--role", "alice", "--no-wait"), "found"));
    assertEquals("", out.toString(UTF_8));
    assertEquals(
        """
        Alice has not said "I have found my wedding ring!" yet, as far as replica 127.0.0.1:8001 shows
        Alice has not said "I have found my wedding ring!" yet, as far as replica 127.0.0.1:8001 shows
        standard input, line 1: Alice has not said "I have lost my wedding ring!" yet, as far as replica 127.0.0.1:8000 shows
        """,
        errors.toString());
  }

  @Test
  void others_do_not_speak_for_alice_but_may_say_anything() {
    assertEquals(1, client("--name", "carol", "lost"));
    assertEquals(0, client("--name", "carol", "say", "poor", "Alice"));
    assertTrue(errors.toString().startsWith("only Alice can say \"I have lost"), errors.toString());
    assertTrue(out.toString(UTF_8).startsWith("carol: poor Alice"), out.toString(UTF_8));
  }

  @Test
  void script_stops_at_its_first_error_and_says_where() {
    assertEquals(2, script("# a comment", "put a 1", "", "nonsense", "put a 2"));
    assertEquals("standard input, line 4: there is no command \"nonsense\"\n", errors.toString());
    assertFalse(out.toString(UTF_8).contains("1:2"), out.toString(UTF_8));
  }

  @Test
  void script_from_a_file_is_named_in_its_errors() throws IOException {
    Path script = directory.resolve("alice.txt");
    Files.writeString(script, "lost\nwait\n");
    assertEquals(2, client("--role", "alice", "--script", script.toString()));
    assertEquals(script + ", line 2: wait how long? Say wait N, in seconds\n", errors.toString());
    assertEquals(2, client("--script", directory.resolve("none").toString()));
  }

  @Test
  void refusal_of_a_replica_ends_a_script_with_one_line() {
    one.refuse(Status.INTERNAL.withDescription("the replica failed\nbadly").asRuntimeException());
    assertEquals(6, script("put a 1"));
    assertEquals(
        "standard input, line 1: replica 127.0.0.1:8000: INTERNAL the replica failed badly; the"
            + " write may have happened\n",
        errors.toString());
  }

  @Test
  void quit_ends_a_script() {
    assertEquals(0, script("put a 1", "quit", "nonsense"));
    assertEquals("", errors.toString());
  }

  @Test
  void help_names_every_command_and_needs_no_replica() {
    assertEquals(0, run(List.of("--replica", "127.0.0.1:1"), "help", "help link"));
    for (String name :
        List.of(
            "lost",
            "found",
            "glad",
            "wait",
            "say",
            "read",
            "put",
            "get",
            "delete",
            "watch",
            "session",
            "use",
            "quit",
            "help",
            "status",
            "link",
            "log-level",
            "admin")) {
      assertTrue(
          out.toString(UTF_8).lines().anyMatch(line -> line.startsWith("  " + name + " ")), name);
    }
    assertTrue(out.toString(UTF_8).contains("delay=20s"), out.toString(UTF_8));
  }

  @Test
  void wait_takes_whole_seconds() {
    for (String seconds : List.of("-1", "1.5", "soon", "86401", "99999999999")) {
      assertEquals(2, script("wait " + seconds), seconds);
    }
  }

  @Test
  void value_may_begin_with_a_dash() {
    assertEquals(0, script("put temperature -5", "get temperature"), errors.toString());
    assertTrue(out.toString(UTF_8).endsWith("-5\n"), out.toString(UTF_8));
  }

  @Test
  void session_is_told_in_words() {
    assertEquals(0, script("session", "lost", "session"), errors.toString());
    String told = out.toString(UTF_8);
    assertTrue(told.contains("it has read and written nothing yet"), told);
    assertTrue(told.contains("is of cluster \"fake\", with Lamport time 1"), told);
    assertTrue(told.contains("its next write depends on write 1 of replica 1"), told);
  }

  @Test
  void session_moves_with_what_it_has_seen() {
    two.beforeRead(() -> two.receiveFrom(one));
    assertEquals(2, script("put color blue", "use 127.0.0.1:8001", "get color", "use nowhere"));
    assertTrue(
        out.toString(UTF_8).contains("the session is now at replica 127.0.0.1:8001\nblue\n"));
  }

  @Test
  void session_kept_in_a_file_goes_on_in_the_next_run() {
    String file = directory.resolve("alice.json").toString();
    assertEquals(0, client("--role", "alice", "lost", "--session", file));
    assertEquals(0, client("--role", "alice", "wait", "3", "--time-scale", "0", "--session", file));
    assertEquals(0, client("--role", "alice", "found", "--session", file), errors.toString());
    assertTrue(out.toString(UTF_8).contains("(version 5@1, position 1:2)"), out.toString(UTF_8));
    // Where it was asked to go, it sees what it saw: here it has to wait, and its time is up.
    assertEquals(
        1, client("read", "--session", file, "--replica", "127.0.0.1:8002", "--timeout", "500ms"));
    assertTrue(errors.toString().contains("does not show yet"), errors.toString());
  }

  @Test
  void damaged_session_file_is_refused() throws IOException {
    Path file = directory.resolve("alice.json");
    for (String damaged :
        List.of(
            "{",
            "[]",
            "{}",
            "{\"format_version\": 1, \"replica\": \"x\", \"token\": \"*\", \"clock\": 1}")) {
      Files.writeString(file, damaged);
      assertEquals(1, client("read", "--session", file.toString()), damaged);
      assertTrue(errors.toString().contains("is damaged"), errors.toString());
      assertEquals(damaged, Files.readString(file));
    }
  }

  @Test
  void session_file_serves_one_client_at_a_time() {
    Path file = directory.resolve("alice.json");
    try (SessionFile open = SessionFile.open(file)) {
      assertTrue(open.load().isEmpty());
      assertEquals(1, client("read", "--session", file.toString()));
    }
    assertTrue(errors.toString().contains("in use by another client"), errors.toString());
    assertEquals(0, client("read", "--session", file.toString()));
  }

  @Test
  void bytes_that_are_no_text_are_shown_escaped() {
    try (Tidings tidings = cluster.connect(one.address(), Duration.ofSeconds(5))) {
      Session session = tidings.session();
      session.put(Bytes.of("k"), Bytes.of(new byte[] {'a', 0, (byte) 0xff, 27, 'b'}));
    }
    assertEquals(0, client("get", "k"));
    assertEquals("a\\x00\\xff\\x1bb\n", out.toString(UTF_8));
  }

  @Test
  void links_are_changed_at_the_replicas_that_send() {
    assertEquals(0, client("link", "1-3", "2>3", "delay=20s", "1>3", "cut"), errors.toString());
    assertEquals(link(20_000, true), one.linkTo(3));
    assertEquals(link(20_000, false), cluster.replica(3).linkTo(1));
    assertEquals(link(20_000, false), two.linkTo(3));
    assertEquals(link(0, false), one.linkTo(2));
    assertEquals(0, client("link", "1>3", "heal"));
    assertEquals(link(20_000, false), one.linkTo(3));
    assertEquals(
        """
        link 1>3: delay 20s
        link 3>1: delay 20s
        link 2>3: delay 20s
        link 1>3: delay 20s, cut
        link 1>3: delay 20s
        """,
        out.toString(UTF_8));
  }

  @Test
  void links_that_are_none_change_nothing() {
    for (List<String> words :
        List.of(
            List.of("link", "1-3"),
            List.of("link", "cut"),
            List.of("link", "1-3", "delay=fast"),
            List.of("link", "1-3", "delay=25h"),
            List.of("link", "1-3", "cut", "2-3"))) {
      assertEquals(2, run(words), words.toString());
    }
    assertEquals(1, client("link", "1-4", "cut"));
    assertEquals(1, client("link", "2-2", "cut"));
    assertEquals(link(0, false), one.linkTo(3));
  }

  @Test
  void log_levels_are_changed_at_the_server_that_is_asked() {
    assertEquals(0, client("log-level", "debug"), errors.toString());
    assertEquals(0, client("log-level", "WARN"));
    assertEquals(0, client("log-level", "WARN", "--replica", two.address()));
    assertEquals(0, client("log-level", "Trace", "--logger", "dev.tidings.replica.link"));
    assertEquals(0, client("log-level", "OFF", "--logger", ""));
    assertEquals(
        """
        127.0.0.1:8000 logs dev.tidings at DEBUG (before: INFO)
        127.0.0.1:8000 logs dev.tidings at WARN (before: DEBUG)
        127.0.0.1:8001 logs dev.tidings at WARN (before: INFO)
        127.0.0.1:8000 logs dev.tidings.replica.link at TRACE (before: INFO)
        127.0.0.1:8000 logs everything else at OFF (before: INFO)
        """,
        out.toString(UTF_8));
  }

  @Test
  void log_levels_and_loggers_that_are_none_are_refused() {
    assertEquals(2, client("log-level", "LOUD"));
    assertEquals(2, client("log-level"));
    assertEquals(1, client("log-level", "INFO", "--logger", "dev.tydings"));
    assertEquals(
        """
        Invalid value for positional parameter at index 0 (LEVEL): expected one of [OFF, ERROR, WARN, INFO, DEBUG, TRACE] (case-insensitive) but was 'LOUD'
        bin/client --help says what can be typed
        Missing required parameter: 'LEVEL'
        bin/client --help says what can be typed
        replica 127.0.0.1:8000: there is no such logger
        """,
        errors.toString());
  }

  @Test
  void status_tells_of_every_replica() {
    assertEquals(0, script("put a 1"));
    two.receiveFrom(one);
    assertEquals(0, run(List.of("--name", "bob", "--replica", two.address()), "get a", "put b 2"));
    cluster.replica(3).receiveFrom(two);
    assertEquals(0, client("status"), errors.toString());
    String told = out.toString(UTF_8);
    assertTrue(told.contains("cluster \"fake\", causal consistency"), told);
    assertTrue(told.contains("| 127.0.0.1:8002 "), told);
    assertTrue(
        told.contains(
            "replica 3: write 2:1 (version 3@2) is stalled, waits for write 1 of replica 1"),
        told);
  }

  @Test
  void members_are_listed_taken_in_and_removed() {
    assertEquals(0, client("admin", "remove", "--id", "2"), errors.toString());
    out.reset();
    assertEquals(
        0, run(List.of(), "admin join --id 4 --peer-address 127.0.0.1:8103"), errors.toString());
    String joined = out.toString(UTF_8);
    out.reset();
    assertEquals(0, client("admin", "members"));
    assertEquals(joined, out.toString(UTF_8));
    assertEquals(
        """
        +---------+----------------+---------+--------------+
        | replica | peers at       | member  | incarnation  |
        +---------+----------------+---------+--------------+
        |       1 | self:1         | yes     |          101 |
        |       2 |                | removed |              |
        |       3 | peer:1         | yes     | not seen yet |
        |       4 | 127.0.0.1:8103 | yes     | not seen yet |
        +---------+----------------+---------+--------------+
        """,
        joined);
  }

  @Test
  void admin_commands_typed_wrong_are_refused_here() {
    assertEquals(2, client("admin"));
    assertEquals(2, client("admin", "jion"));
    assertEquals(2, client("admin", "join", "--id", "4"));
    assertEquals(2, client("admin", "remove", "--id", "three"));
    assertEquals(0, client("admin", "--help"));
    assertEquals(
        """
        admin what? One of members, join, remove
        bin/client --help says what can be typed
        there is no command "admin jion"
        bin/client --help says what can be typed
        Missing required option: '--peer-address=HOST:PORT'
        bin/client --help says what can be typed
        Invalid value for option '--id': 'three' is not an int
        bin/client --help says what can be typed
        """,
        errors.toString());
    assertTrue(out.toString(UTF_8).contains("join"), out.toString(UTF_8));
  }

  @Test
  void options_typed_wrong_end_with_2_and_one_hint() {
    for (List<String> words :
        List.of(
            List.of("--role", "mallory"),
            List.of("--role", "bob", "--name", "carol"),
            List.of("--replica", "here", "get", "k"),
            List.of("--timeout", "soon", "get", "k"),
            List.of("--time-scale", "-1", "wait", "1"),
            List.of("get"),
            List.of("--name", " ", "say", "x"),
            List.of("--no-such-option"))) {
      errors.getBuffer().setLength(0);
      assertEquals(2, run(words), words.toString());
      assertEquals(2, errors.toString().lines().count(), errors.toString());
    }
  }

  private static SimulatedLink link(long delayMillis, boolean cut) {
    return SimulatedLink.newBuilder().setDelayMillis(delayMillis).setCut(cut).build();
  }

  private int client(String... arguments) {
    return run(List.of(arguments));
  }

  /** Alice's, with no time to waste. */
  private int script(String... lines) {
    return run(List.of("--role", "alice", "--time-scale", "0"), lines);
  }

  private int run(List<String> arguments, String... lines) {
    return new ClientMain(
            new ByteArrayInputStream(String.join("\n", lines).getBytes(UTF_8)),
            out,
            new PrintWriter(errors, true),
            false,
            cluster::connect)
        .run(arguments);
  }
}
