package dev.tidings.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.causal.Consistency;
import dev.tidings.client.Tidings;
import dev.tidings.replica.Homes;
import dev.tidings.replica.HostPort;
import dev.tidings.replica.Limits;
import dev.tidings.replica.ReplicaConfig;
import dev.tidings.replica.ReplicaServer;
import dev.tidings.replica.Retention;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command of data, as it is typed and answered, against two real replicas of one process. */
final class CommandLineTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private Path directory = Path.of("set by JUnit");
  private final List<ReplicaServer> replicas = new ArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final StringWriter errors = new StringWriter();
  private byte[] in = {};
  private String one = "";
  private String two = "";

  @BeforeEach
  void start() throws IOException {
    List<HostPort> ports = freePorts();
    one = ports.get(0).toString();
    two = ports.get(1).toString();
    for (int id = 1; id <= 2; id++) {
      var config =
          new ReplicaConfig(
              id,
              "command-line",
              ports.get(id - 1),
              ports.get(id + 1),
              null,
              Map.of(3 - id, ports.get(4 - id)),
              directory.resolve("replica-" + id),
              0,
              Map.of(),
              Consistency.CAUSAL,
              Limits.DEFAULT,
              Duration.ofSeconds(1),
              Duration.ofSeconds(10),
              100_000,
              Retention.DEFAULT,
              Homes.NONE);
      var replica =
          new ReplicaServer(
              config,
              failure -> {
                throw new AssertionError(failure);
              });
      replicas.add(replica);
      replica.start();
    }
  }

  /** Two for clients, two for peers. */
  private static List<HostPort> freePorts() throws IOException {
    var sockets = new ArrayList<ServerSocket>();
    var ports = new ArrayList<HostPort>();
    for (int i = 0; i < 4; i++) {
      var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      sockets.add(socket);
      ports.add(new HostPort("127.0.0.1", socket.getLocalPort()));
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return ports;
  }

  @AfterEach
  void stop() {
    replicas.forEach(ReplicaServer::stop);
  }

  private int run(String replica, String... arguments) {
    out.reset();
    errors.getBuffer().setLength(0);
    var all = new ArrayList<String>(List.of("--replica", replica, "--timeout", "1m"));
    all.addAll(List.of(arguments));
    return new ClientMain(
            new ByteArrayInputStream(in),
            out,
            new PrintWriter(errors, true),
            false,
            Tidings::connect)
        .run(all);
  }

  /** At replica 1. */
  private void answers(String expected, String... arguments) {
    answersAt(one, expected, arguments);
  }

  private void answersAt(String replica, String expected, String... arguments) {
    int exitCode = run(replica, arguments);
    assertEquals(expected, out.toString(UTF_8), errors::toString);
    assertEquals("", errors.toString());
    assertEquals(0, exitCode);
  }

  private void refuses(int exitCode, String message, String... arguments) {
    assertEquals(exitCode, run(one, arguments));
    assertEquals("replica " + one + ": " + message + "\n", errors.toString());
    assertEquals("", out.toString(UTF_8));
  }

  private static String[] words(String line) {
    return line.split(" ");
  }

  @Test
  void registers() throws IOException {
    answers("written: version 1@1, position 1:1\n", "put", "color", "blue");
    answers("blue\n", "get", "color");
    answers("blue\n    version 1@1, position 1:1\n", "get", "color", "-v");
    assertEquals(4, run(one, "get", "nothing"));
    assertEquals("(absent: never written here)\n", out.toString(UTF_8));
    refuses(
        5,
        "at replica 1, color has version 1@1; the condition was that it is absent",
        words("put color red --if-absent"));
    answers("written: version 2@1, position 1:2\n", words("put color red --if-version 1@1"));
    assertEquals(5, run(one, words("put color green --if-version 1@1")));
    assertEquals(
        "replica %s: color has version 2@1; the condition was that it has version 1@1\n"
            .formatted(one),
        errors.toString());
    assertEquals(0, run(one, words("get color --output json")));
    String version = out.toString(UTF_8).replaceAll(".*\"version\":\"([^\"]*)\".*\\s", "$1");
    assertEquals(0, run(one, "put", "color", "green", "--if-version", version));
    refuses(
        5,
        "at replica 1, color has version 3@1; the condition was that it has version 2@1",
        "put",
        "color",
        "yellow",
        "--if-version",
        version);
    answers("deleted: version 4@1, position 1:4\n", words("delete color --if-version 3@1"));
    assertEquals(4, run(one, "get", "color"));
    assertEquals("(absent: deleted by version 4@1, position 1:4)\n", out.toString(UTF_8));
    answers("written: version 5@1, position 1:5\n", words("put color white --if-absent"));

    in = new byte[] {0, (byte) 0xff, '\n'};
    answers("written: version 6@1, position 1:6\n", "put", "photo", "-");
    answers("\\x00\\xff\\x0a\n", "get", "photo");
    Path file = Files.writeString(directory.resolve("value"), "from a file");
    answers("written: version 7@1, position 1:7\n", "put", "text", "--file", file.toString());
    answers("from a file", words("get text --output value"));

    answers("color = white\nphoto = \\x00\\xff\\x0a\ntext = from a file\n", "range");
    answers("photo = \\x00\\xff\\x0a\ntext = from a file\n", "range", "d");
    answers("color = white\n", "range", "a", "d");
    answers("text = from a file\n", "range", "--prefix", "t");
    answers("color = white\n", "range", "--limit", "1");
    answers("(empty)\n", "range", "--prefix", "nothing");
    refuses(1, "the key has 1025 bytes; the limit is 1024", "put", "k".repeat(1025), "v");
  }

  @Test
  void counters_sets_and_feeds() {
    answers("incremented: version 1@1, position 1:1\n", "incr", "likes");
    answers("incremented: version 2@1, position 1:2\n", "incr", "likes", "-3");
    answers("-2\n", "counter", "likes");
    answers("deleted: version 3@1, position 1:3\n", "delete", "--counter", "likes");
    answers("0\n", "counter", "likes");

    answers("added: version 4@1, position 1:4\n", "add", "guests", "bob", "alice", "carol");
    answers("alice\nbob\ncarol\n", "members", "guests");
    answers("alice\nbob\n", "members", "guests", "--limit", "2");
    answers("removed: version 5@1, position 1:5\n", "remove", "guests", "bob");
    answers("alice\ncarol\n", "members", "guests");
    answers("removed: version 6@1, position 1:6\n", "remove", "guests", "--all");
    answers("(empty)\n", "members", "guests");
    in = "dave\nerin\n".getBytes(UTF_8);
    answers("added: version 7@1, position 1:7\n", "add", "guests", "-");
    answers("dave\nerin\n", "members", "guests");
    answers("deleted: version 8@1, position 1:8\n", "delete", "--set", "guests");
    answers("(empty)\n", "members", "guests");

    answers("appended: version 9@1, position 1:9\n", "append", "news", "lost");
    answers("appended: version 10@1, position 1:10\n", "append", "news", "found");
    answers("lost\nfound\n", "feed", "news");
    answers("lost\n    version 9@1, position 1:9\n", "feed", "news", "-v", "--limit", "1");

    assertEquals(0, run(one, "incr", "most", "9223372036854775807"));
    assertEquals(1, run(one, "incr", "most"));
    assertTrue(errors.toString().contains("would pass 64 bits"), errors.toString());
  }

  @Test
  void maps() {
    answers("written: version 1@1, position 1:1\n", words("put city Paris --map alice"));
    answers("written: version 2@1, position 1:2\n", words("put --multi wish ring --map alice"));
    answers("incremented: version 3@1, position 1:3\n", words("incr visits 2 --map alice"));
    answers("added: version 4@1, position 1:4\n", words("add colors blue red --map alice"));
    answers("appended: version 5@1, position 1:5\n", words("append notes hello --map alice"));
    answers("Paris\n", words("get city --map alice"));
    answers("ring\n", words("get --multi wish --map alice"));
    answers("2\n", words("counter visits --map alice"));
    answers("blue\nred\n", words("members colors --map alice"));
    answers("hello\n", words("feed notes --map alice"));
    assertEquals(4, run(one, "get", "city"));
    answers(
        """
        register city = Paris
        multi wish = ring
        counter visits = 2
        set colors = blue
        set colors = red
        feed notes = hello
        """,
        "map",
        "alice");
    answers("removed: version 6@1, position 1:6\n", words("remove colors red --map alice"));
    answers("deleted: version 7@1, position 1:7\n", words("delete visits --counter --map alice"));
    refuses(
        5,
        "at replica 1, city has version 1@1; the condition was that it is absent",
        words("put city Rome --map alice --if-absent"));
    answers("deleted: version 8@1, position 1:8\n", words("delete --map alice"));
    answers("feed notes = hello\n", "map", "alice");
  }

  @Test
  void several_changes_are_one_write_and_refused_together() {
    answers(
        "written: version 1@1, position 1:1\n",
        words("write put color blue , incr changes , add colors blue , append log x --map m"));
    answers(
        "written: version 2@1, position 1:2\n",
        words("write --acks 2 --acks-wait 1m put lock alice --if-absent , incr changes 2"));
    assertEquals(5, run(one, words("write put lock bob --if-absent , incr changes 100")));
    refuses(
        1,
        "the write changes changes twice; once is allowed",
        words("write incr changes 100 , incr changes 100"));
    answers("3\n", "counter", "changes");
    in = "write put a 1 , put b 2\nrange a c\nget c\nmembers colors\n".getBytes(UTF_8);
    answers(
        """
        written: version 3@1, position 1:3
        a = 1
        b = 2
        (absent: never written here)
        blue
        """);
  }

  @Test
  void what_is_done_at_two_replicas_at_once_is_all_kept() {
    String here = directory.resolve("here.json").toString();
    String there = directory.resolve("there.json").toString();
    assertEquals(0, run(one, "add", "guests", "alice", "--session", here));
    assertEquals(0, run(two, "members", "guests", "--session", here));
    awaitCut();
    assertEquals(0, run(one, words("put --multi wish ring --session " + here)));
    assertEquals(0, run(one, words("incr likes 2 --session " + here)));
    assertEquals(0, run(one, words("remove guests alice --session " + here)));
    assertEquals(0, run(two, words("put --multi wish roses --session " + there)));
    assertEquals(0, run(two, words("incr likes 3 --session " + there)));
    assertEquals(0, run(two, words("add guests alice --session " + there)));
    assertEquals(0, run(one, "link", "1-2", "heal"), errors::toString);
    // Each session goes to where the other was, and waits there until it sees what it has done.
    for (List<String> move : List.of(List.of(two, here), List.of(one, there))) {
      String replica = move.get(0);
      String session = move.get(1);
      answersAt(replica, "5\n", "counter", "likes", "--session", session);
      assertEquals(0, run(replica, "get", "--multi", "wish", "--session", session));
      assertEquals(List.of("ring", "roses"), out.toString(UTF_8).lines().sorted().toList());
      answersAt(replica, "alice\n", "members", "guests", "--session", session);
    }
    assertEquals(0, run(two, words("put --multi wish both --session " + here)));
    answersAt(one, "both\n", words("get --multi wish --session " + here));
    answersAt(one, "both", words("get --multi wish --output value --session " + here));
    assertEquals(0, run(one, words("delete --multi wish --session " + here)));
    assertEquals(4, run(two, words("get --multi wish --session " + here)));
    assertEquals("(absent: no value here)\n", out.toString(UTF_8));
  }

  /** Once each replica knows where the other is. */
  private void awaitCut() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (run(one, "link", "1-2", "cut") != 0) {
      assertTrue(System.nanoTime() < end, errors::toString);
      LockSupport.parkNanos(20_000_000);
    }
  }
}
