package dev.tidings.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.rpc.Code;
import dev.tidings.client.Bytes;
import dev.tidings.client.FakeCluster;
import dev.tidings.client.FakeReplica;
import dev.tidings.client.Moment;
import dev.tidings.client.Mutation;
import dev.tidings.client.Selector;
import dev.tidings.client.Session;
import dev.tidings.client.Tidings;
import dev.tidings.client.Watch;
import dev.tidings.client.WatchQuery;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchCommandTest {
  private final FakeCluster cluster = new FakeCluster(2);
  private final FakeReplica one = cluster.replica(1);
  private final Tidings tidings = cluster.connect(one.address(), Duration.ofSeconds(10));
  private final Session writer = tidings.session();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final StringWriter errors = new StringWriter();

  @AfterEach
  void close() {
    tidings.close();
    cluster.close();
  }

  private Moment now() {
    try (Watch watch = tidings.watch(WatchQuery.of(new Selector.Everything()))) {
      return watch.begin();
    }
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
  void a_write_is_a_line_and_the_last_line_says_how_to_go_on() {
    Moment begin = now();
    writer.write(
        List.of(
            new Mutation.Put(Bytes.of("color"), Bytes.of("blue")),
            new Mutation.Append(Bytes.of("wall"), Bytes.of("line 1\n")),
            new Mutation.Delete(Bytes.of("size"))));
    writer.put(Bytes.of("color"), Bytes.of("red"));
    String since = begin.toString();
    assertEquals(0, client("watch", "--all", "--since", since, "--count", "2"), errors::toString);
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(
        List.of(
            "version 1@1, position 1:1: put color = blue, append wall + line 1\\x0a, delete size",
            "version 2@1, position 1:2: put color = red"),
        lines.subList(0, 2));
    assertTrue(lines.get(2).startsWith("to go on: watch --since "), lines.get(2));

    writer.put(Bytes.of("color"), Bytes.of("green"));
    out.reset();
    String next = lines.get(2).replaceFirst(".* ", "");
    assertEquals(0, client("watch", "color", "--feed", "wall", "--since", next, "--count", "1"));
    assertTrue(
        out.toString(StandardCharsets.UTF_8)
            .startsWith("version 3@1, position 1:3: put color = green\n"),
        out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void as_json_each_line_has_its_moment() throws JsonProcessingException {
    Moment begin = now();
    writer.write(
        List.of(
            new Mutation.Put(Bytes.of("color"), Bytes.of(new byte[] {(byte) 0xff, 0})),
            new Mutation.Append(Bytes.of("wall"), Bytes.of("\"quoted\"\n"))));
    assertEquals(
        0,
        client("watch", "--all", "--since", begin.toString(), "--count", "1", "--output", "json"));
    assertEquals(1, out.toString(StandardCharsets.UTF_8).lines().count());
    JsonNode line = new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
    assertEquals("1@1", line.get("version").asText());
    assertEquals("1:1", line.get("position").asText());
    assertEquals(
        "[{\"type\":\"put\",\"key\":\"color\",\"value_base64\":\"/wA=\",\"replaced\":false},"
            + "{\"type\":\"append\",\"feed\":\"wall\",\"value\":\"\\\"quoted\\\"\\n\"}]",
        line.get("changes").toString());
    writer.put(Bytes.of("color"), Bytes.of("red"));
    assertEquals(
        0, client("watch", "--all", "--since", line.get("moment").asText(), "--count", "1"));
    assertTrue(
        out.toString(StandardCharsets.UTF_8).contains("put color = red"),
        out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void what_is_told_is_a_dependency_of_the_kept_session(@TempDir Path directory) {
    String file = directory.resolve("me.json").toString();
    Moment begin = now();
    writer.put(Bytes.of("color"), Bytes.of("blue"));
    assertEquals(
        0,
        client("watch", "color", "--since", begin.toString(), "--count", "1", "--session", file));
    out.reset();
    assertEquals(0, client("session", "--session", file));
    assertTrue(
        out.toString(StandardCharsets.UTF_8)
            .contains("its next write depends on write 1 of replica 1"),
        out.toString(StandardCharsets.UTF_8));
    assertEquals(0, client("put", "answer", "seen", "--session", file));
    out.reset();
    assertEquals(0, client("session", "--session", file));
    assertTrue(
        out.toString(StandardCharsets.UTF_8)
            .contains("its next write depends on write 2 of replica 1"),
        out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void what_is_not_kept_any_more_is_said() {
    one.refuse(FakeReplica.refusal(Code.OUT_OF_RANGE, "MOMENT_NOT_KEPT", "it has been cut", 0));
    assertEquals(7, client("watch", "--all", "--since", "AAAA"));
    assertEquals("replica 127.0.0.1:8000: it has been cut\n", errors.toString());
  }

  @Test
  void options_typed_wrong_end_with_2() {
    for (List<String> words :
        List.of(
            List.of("watch"),
            List.of("watch", "--all", "--count", "0"),
            List.of("watch", "--all", "--since", "no moment!"),
            List.of("watch", "--all", "--or", "here"),
            List.of("watch", "--prefix", ""),
            List.of("watch", "--all", "--output", "xml"))) {
      assertEquals(2, client(words.toArray(String[]::new)), words.toString());
    }
  }
}
