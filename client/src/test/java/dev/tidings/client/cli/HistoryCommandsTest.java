package dev.tidings.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidings.client.FakeCluster;
import dev.tidings.client.FakeReplica;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code check}, {@code convert} and {@code record}, as they are typed. */
class HistoryCommandsTest {
  private static final String HEADER = "{\"format\":\"tidings-history\",\"version\":1}\n";
  private static final String RING = "w(1,1,1,0)\nw(1,2,1,1)\nr(1,2,2,2)\nr(1,1,2,3)\n";
  private static final String CAUSAL = "w(1,1,1,0)\nr(1,1,2,1)\n";
  private static final String CONCURRENT_IN_OPPOSITE_ORDERS =
      "w(1,1,1,0)\nw(1,2,2,1)\nr(1,1,3,2)\nr(1,2,3,3)\nr(1,2,4,4)\nr(1,1,4,5)\n";

  private final Path directory;
  private final FakeCluster cluster = new FakeCluster(3);
  private final FakeReplica one = cluster.replica(1);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final StringWriter errors = new StringWriter();

  HistoryCommandsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  private int client(String... arguments) {
    return new ClientMain(
            InputStream.nullInputStream(),
            out,
            new PrintWriter(errors, true),
            false,
            cluster::connect)
        .run(List.of(arguments));
  }

  @Test
  void a_causal_history_is_said_to_be_and_nothing_else() throws IOException {
    String file = file("h", CAUSAL);

    assertEquals(0, client("check", file));
    assertEquals("causal\n", out.toString(UTF_8));
    assertEquals(
        file + ": 2 operations of 2 sessions, judged by causal convergence (ccv)\n",
        errors.toString());
  }

  @Test
  void what_is_not_causal_is_explained_line_by_line() throws IOException {
    assertEquals(1, client("check", file("h", RING)));
    assertEquals(
        """
        NOT causal: WriteCORead (monotonic reads)
          line 1: session 1 wrote 1 = 1
          line 2: session 1 then wrote 1 = 2
          line 3: session 2 read 1 = 2, written in line 2
          line 4: session 2 then read 1 = 1 (line 1), which line 2 had replaced
          session guarantees broken: monotonic reads
        """,
        out.toString(UTF_8));
  }

  @ParameterizedTest
  @CsvSource({"cc, 0", "ccv, 1", "session, 0"})
  void the_model_decides_what_is_forbidden(String model, int exitCode) throws IOException {
    assertEquals(
        exitCode, client("check", file("h", CONCURRENT_IN_OPPOSITE_ORDERS), "--model", model));
  }

  @Test
  void of_several_files_all_are_judged_and_the_highest_exit_code_counts() throws IOException {
    String good = file("good", CAUSAL);
    String bad = file("bad", RING);
    String broken = file("broken", "w(1,1,1,0)\nw(1,\n");
    String missing = directory.resolve("missing").toString();

    assertEquals(3, client("check", missing, broken, bad, good));
    assertTrue(out.toString(UTF_8).startsWith(bad + ": NOT causal: WriteCORead"), out::toString);
    assertTrue(out.toString(UTF_8).endsWith("\n" + good + ": causal\n"), out::toString);
    assertEquals(
        List.of(
            missing + ": there is no such file",
            broken
                + ": line 2: this is not r(key,value,session,txn) or w(key,value,session,txn)"
                + " with integers"),
        errors.toString().lines().limit(2).toList());
    assertEquals(2, client("check", broken, good));
    assertEquals(1, client("check", bad, good));
  }

  @Test
  void json_is_an_object_for_each_file() throws IOException {
    String bad = file("bad", RING);
    String broken = file("broken", "w(");

    assertEquals(2, client("check", bad, broken, "--output", "json"));
    List<String> lines = out.toString(UTF_8).lines().toList();
    JsonNode first = new ObjectMapper().readTree(lines.get(0));
    assertFalse(first.get("causal").asBoolean());
    assertEquals("WriteCORead", first.get("pattern").asText());
    assertEquals("monotonic reads", first.get("guarantee").asText());
    assertEquals(4, first.get("steps").get(3).get("line").asInt());
    assertEquals("session 2", first.get("steps").get(3).get("who").asText());
    JsonNode second = new ObjectMapper().readTree(lines.get(1));
    assertEquals(broken, second.get("file").asText());
    assertTrue(second.get("error").asText().startsWith("line 1: "), second::toString);
  }

  @Test
  void a_diagram_is_drawn_of_a_violation_only() throws IOException {
    Path diagram = directory.resolve("why.svg");

    assertEquals(0, client("check", file("h", CAUSAL), "--diagram", diagram.toString()));
    assertFalse(Files.exists(diagram));
    assertEquals(1, client("check", file("h", RING), "--diagram", diagram.toString()));
    String svg = Files.readString(diagram);
    assertTrue(svg.contains("h is not causal: WriteCORead (monotonic reads)"), svg);
    assertTrue(svg.contains("line 3: read 1 = 2"), svg);
    assertEquals(2, client("check", "a", "b", "--diagram", diagram.toString()));
  }

  @Test
  void check_knows_nothing_of_sessions() {
    assertEquals(2, client("check", "h", "--role", "alice"));
    assertEquals(2, client("check"));
  }

  @Test
  void what_a_format_cannot_say_is_refused_with_its_line() throws IOException {
    String deletes = file("h", HEADER + "{\"session\":\"a\",\"op\":\"delete\",\"key\":\"x\"}\n");
    String to = directory.resolve("to").toString();

    assertEquals(2, client("convert", deletes, to, "--to", "plume"));
    assertEquals(deletes + ": line 2: plume has no deletes\n", errors.toString());
    assertEquals(0, client("convert", file("h", RING), to, "--to", "dbcop"));
    assertEquals(3, client("convert", "nothing", to, "--to", "dbcop"));
  }

  private String recorded(String... arguments) throws IOException {
    Path file = directory.resolve("recorded");
    String[] all = new String[arguments.length + 2];
    all[0] = "record";
    all[1] = file.toString();
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    client(all);
    return Files.readString(file)
        .replace(HEADER, "")
        .replaceAll(",\"start\":\\d+,\"end\":\\d+", "");
  }

  @Test
  void a_script_is_recorded_and_goes_on_after_a_request_that_failed() throws IOException {
    String script =
        file(
            "script",
            """
            # Two sessions.
            alice put x 1
            alice delete x
            bob use 127.0.0.1:8001
            bob get x
            bob get x
            bob put x 2
            """);
    cluster
        .replica(2)
        .beforeRead(
            () -> {
              if (cluster.replica(2).reads() == 1) {
                cluster.replica(2).receiveFrom(one);
              } else if (cluster.replica(2).reads() == 2) {
                cluster.replica(2).refuse(new StatusRuntimeException(Status.INTERNAL));
              }
            });

    assertEquals(
        """
        {"session":"alice","op":"write","key":"x","value":"1","version":"1@1.101","replica":"127.0.0.1:8000"}
        {"session":"alice","op":"delete","key":"x","version":"2@1.101","replica":"127.0.0.1:8000"}
        {"session":"bob","op":"read","key":"x","value":null,"version":"2@1.101","replica":"127.0.0.1:8001"}
        {"session":"bob","op":"write","key":"x","value":"2","version":"4@2.102","replica":"127.0.0.1:8001"}
        """,
        recorded("--script", script));
    assertTrue(errors.toString().startsWith(script + ", line 6: "), errors::toString);
  }

  @Test
  void a_random_workload_is_decided_by_its_seed() throws IOException {
    String[] options = {
      "--sessions", "1", "--ops", "50", "--keys", "5", "--replicas", "127.0.0.1:8000"
    };

    String first = recorded(options);
    assertEquals(50 + 5, first.lines().count(), "each operation, and each key in the end");
    assertTrue(
        errors
            .toString()
            .startsWith(
                "50 operations of 1 sessions asked, 50 answered, 0 refused, 0 of unknown outcome"),
        errors::toString);
    assertEquals(0, client("check", directory.resolve("recorded").toString()));
    assertEquals(asked(first), asked(recorded(options)));
  }

  /** Without what was answered, and without what makes the keys of a run its own. */
  private static List<String> asked(String history) {
    return history
        .replaceAll("\"(key|map)\":\"[^/\"]*/", "\"$1\":\"")
        .replaceAll(",\"version\":\"[^\"]*\"", "")
        .lines()
        .filter(line -> !line.contains("\"read\"") && !line.contains("\"final\""))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "--sessions, 0, --sessions 0 is not a number from 1 to 1000",
    "--read-fraction, 1.5, --read-fraction 1.5 is not a number from 0 to 1",
    "--replicas, nowhere, \"nowhere\" is not an address: HOST:PORT with a port from 1 to 65535"
  })
  void what_makes_no_sense_is_refused_before_anything_is_asked(
      String option, String value, String message) {
    String file = directory.resolve("recorded").toString();

    assertEquals(2, client("record", file, option, value));
    assertEquals(message, errors.toString().lines().findFirst().orElse(""));
    assertFalse(Files.exists(Path.of(file)));
  }
}
