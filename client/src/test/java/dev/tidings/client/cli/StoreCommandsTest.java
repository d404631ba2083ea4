package dev.tidings.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.Code;
import dev.tidings.client.FakeCluster;
import dev.tidings.client.FakeReplica;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the commands of data are typed, told and refused. What they mean is tested elsewhere. */
class StoreCommandsTest {
  @TempDir private Path directory = Path.of("");

  private final FakeCluster cluster = new FakeCluster(1);
  private final FakeReplica replica = cluster.replica(1);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final StringWriter errors = new StringWriter();
  private byte[] in = {};

  @AfterEach
  void close() {
    cluster.close();
  }

  private int client(String... arguments) {
    out.reset();
    errors.getBuffer().setLength(0);
    return new ClientMain(
            new ByteArrayInputStream(in),
            out,
            new PrintWriter(errors, true),
            false,
            cluster::connect)
        .run(List.of(arguments));
  }

  private void answers(String expected, String... arguments) {
    assertEquals(0, client(arguments), errors::toString);
    assertEquals(expected, out.toString(UTF_8));
    assertEquals("", errors.toString());
  }

  /** One line, and for what was typed wrong the hint. */
  private void refuses(int exitCode, String message, String... arguments) {
    assertEquals(exitCode, client(arguments), () -> String.join(" ", arguments));
    String hint = exitCode == ExitCode.USAGE ? "bin/client --help says what can be typed\n" : "";
    assertEquals(message + "\n" + hint, errors.toString());
    assertEquals("", out.toString(UTF_8));
  }

  @Test
  void bytes_of_standard_input_are_kept_as_they_are() {
    in = new byte[] {'a', '\n', 0, (byte) 0xff, '\n'};
    assertEquals(0, client("put", "k", "-"));
    assertEquals(0, client("get", "k", "--output", "value"));
    assertArrayEquals(in, out.toByteArray());
    answers("a\\x0a\\x00\\xff\\x0a\n", "get", "k");
    answers(
        "{\"key\":\"k\",\"value\":\"base64:YQoA/wo=\",\"version\":\"1@1.101\",\"position\":\"1:1\"}\n",
        "get",
        "k",
        "--output",
        "json");
  }

  @Test
  void several_reads_are_from_one_moment_that_is_named() {
    assertEquals(0, client("put", "a", "1"));
    assertEquals(0, client("append", "f", "1"));
    assertEquals(0, client("get", "a", "--keep", "--output", "json"));
    String last = out.toString(UTF_8).lines().skip(1).findFirst().orElse("");
    String moment = last.replaceAll("\\{\"moment\":\"(.*)\"\\}", "$1");
    assertEquals(0, client("put", "a", "2"));
    assertEquals(0, client("append", "f", "2"));
    answers("1\n", "get", "a", "--at", moment);
    answers("1\n", "feed", "f", "--at", moment);
    answers("a = 1\n", "range", "--at", moment);
    answers("1\nto read it again: --at " + moment + "\n", "feed", "f", "--at", moment, "--keep");
    assertEquals(0, client("range", "--keep"));
    String now = out.toString(UTF_8).replaceAll("(?s).*--at (.*)\n", "$1");
    assertNotEquals(moment, now);
    answers("a = 2\n", "range", "--at", now);
  }

  @Test
  void a_moment_that_is_not_kept_has_an_exit_code_of_its_own() {
    assertEquals(0, client("put", "a", "1"));
    assertEquals(0, client("get", "a", "--keep"));
    String moment = out.toString(UTF_8).replaceAll("(?s).*--at (.*)\n", "$1");
    for (String[] reading : new String[][] {{"get", "a"}, {"range"}, {"map", "m"}}) {
      replica.refuse(FakeReplica.refusal(Code.OUT_OF_RANGE, "MOMENT_NOT_KEPT", "gone", 0));
      var command = new ArrayList<>(List.of(reading));
      command.addAll(List.of("--at", moment));
      refuses(7, "replica 127.0.0.1:8000: gone", command.toArray(String[]::new));
    }
    refuses(
        2,
        "--output value has no place for the moment that --keep tells",
        "get",
        "a",
        "--keep",
        "--output",
        "value");
    assertEquals(2, client("get", "a", "--at", "yesterday!"));
  }

  @Test
  void files_are_values_and_lines_of_elements() throws IOException {
    String file = Files.writeString(directory.resolve("f"), "alice\nbob\n").toString();
    assertEquals(0, client("put", "k", "--file", file));
    assertEquals(0, client("append", "f", "--file", file));
    assertEquals(0, client("add", "s", "--file", file));
    answers("alice\\x0abob\\x0a\n", "get", "k");
    answers("alice\\x0abob\\x0a\n", "feed", "f");
    answers("alice\nbob\n", "members", "s");
    in = "bob\r\ncarol".getBytes(UTF_8);
    assertEquals(0, client("remove", "s", "-"));
    answers("alice\n", "members", "s");
  }

  @Test
  void a_value_may_begin_with_an_at_sign() throws IOException {
    Path file = Files.writeString(directory.resolve("f"), "other words");
    assertEquals(0, client("put", "k", "@" + file));
    answers("@" + file + "\n", "get", "k");
  }

  @Test
  void values_that_are_missing_or_given_twice_are_refused() {
    String missing = "the value is missing: V, - for standard input, or --file FILE";
    refuses(2, missing, "put", "k");
    refuses(2, missing, "append", "f");
    refuses(
        2,
        "a value is typed, or comes from a file, and not both",
        "put",
        "k",
        "v",
        "--file",
        "here");
    refuses(
        2, "elements are missing: E…, - for lines of standard input, or --file FILE", "add", "s");
    refuses(
        1,
        "file " + directory + "/none cannot be read: there is no such file",
        "put",
        "k",
        "--file",
        directory + "/none");
    refuses(
        1,
        "file " + directory + " cannot be read: Is a directory",
        "put",
        "k",
        "--file",
        directory.toString());
    refuses(
        2, "a removal names elements, or is of --all, and not both", "remove", "s", "a", "--all");
    refuses(
        2,
        "change 2 (put): standard input can be read once",
        "write",
        "put",
        "a",
        "-",
        ",",
        "put",
        "b",
        "-");
  }

  @Test
  void standard_input_that_commands_come_from_holds_no_values() {
    in = "put k -\n".getBytes(UTF_8);
    refusesScript(
        2,
        "standard input, line 1: standard input is where commands come from: take the value from --file FILE");
  }

  private void refusesScript(int exitCode, String message) {
    assertEquals(exitCode, client());
    assertEquals(message + "\n", errors.toString());
  }

  @Test
  void empty_names_and_elements_are_refused() {
    String empty = "a key has 1 byte or more, and this one is empty";
    for (String command :
        List.of("put", "get", "delete", "incr", "counter", "add", "members", "append", "feed")) {
      String[] words =
          switch (command) {
            case "put", "add", "append" -> new String[] {command, "", "v"};
            default -> new String[] {command, ""};
          };
      refuses(2, empty, words);
    }
    refuses(2, empty, "get", "k", "--map", "");
    refuses(2, empty, "map", "");
    refuses(2, "an element has 1 byte or more, and one of these is empty", "add", "s", "a", "");
  }

  @Test
  void increments_are_whole_numbers_of_64_bits() {
    answers("incremented: version 1@1, position 1:1\n", "incr", "c");
    assertEquals(0, client("incr", "c", "-3"));
    assertEquals(0, client("incr", "c", "+1"));
    answers("-1\n", "counter", "c");
    assertEquals(0, client("incr", "d", "-9223372036854775808"));
    answers("-9223372036854775808\n", "counter", "d");
    refuses(2, "\"two\" is not a whole number", "incr", "c", "two");
    refuses(2, "\"1.5\" is not a whole number", "incr", "c", "1.5");
    refuses(2, "\"\" is not a whole number", "incr", "c", "");
    refuses(
        2,
        "9223372036854775808 is beyond 64 bits: whole numbers go from -9223372036854775808 to"
            + " 9223372036854775807",
        "incr",
        "c",
        "9223372036854775808");
    refuses(2, "Unknown options: '--mpa', 'm'", "incr", "c", "2", "--mpa", "m");
  }

  @Test
  void options_that_exclude_each_other_are_refused() {
    refuses(
        2,
        "--if-absent and --if-version exclude each other: what has a version is not absent",
        "put",
        "k",
        "v",
        "--if-absent",
        "--if-version",
        "5@1");
    refuses(
        2,
        "--if-absent and --if-version are of registers, not of --multi",
        "put",
        "k",
        "v",
        "--multi",
        "--if-absent");
    refuses(
        2,
        "a key is of one type: --multi, --counter or --set",
        "delete",
        "k",
        "--counter",
        "--set");
    refuses(2, "--if-version is of registers only", "delete", "k", "--set", "--if-version", "5@1");
    refuses(2, "which field of the map? Say delete K --map M", "delete", "--map", "m", "--set");
    refuses(2, "delete what? Say delete K, or delete --map M for a whole map", "delete");
    refuses(
        2,
        "--prefix says from where to where, so FROM has no place",
        "range",
        "a",
        "--prefix",
        "b");
    refuses(2, "--limit is 1 or more, not 0", "range", "--limit", "0");
    refuses(
        2,
        "Invalid value for option '--limit': 'ten' is not an int",
        "feed",
        "f",
        "--limit",
        "ten");
    refuses(2, "Unknown option: '--list'", "delete", "k", "--list");
    refuses(2, "\"w\" is one word too many for put", "put", "k", "v", "w");
    refuses(2, "\"2\" is one word too many for incr", "incr", "c", "1", "2");
    refuses(
        2,
        "Invalid value for option '--output': \"xml\" is not text, json or value",
        "get",
        "k",
        "--output",
        "xml");
  }

  @Test
  void versions_are_typed_as_they_are_shown_or_in_full() {
    assertEquals(0, client("put", "k", "1"));
    answers("2@1.101\n", "put", "k", "2", "--if-version", "1@1", "--output", "value");
    answers("written: version 3@1, position 1:3\n", "put", "k", "3", "--if-version", "2@1.101");
    refuses(
        5,
        "replica 127.0.0.1:8000: k has version 3@1; the condition was that it has version 2@1",
        "put",
        "k",
        "4",
        "--if-version",
        "2@1");
    refuses(
        5,
        "replica 127.0.0.1:8000: k is something else",
        "put",
        "k",
        "4",
        "--if-version",
        "2@1.101");
    refuses(5, "replica 127.0.0.1:8000: k is something else", "put", "k", "4", "--if-absent");
    refuses(
        5,
        "replica 127.0.0.1:8000: no has no version; the condition was that it has version 1@1",
        "delete",
        "no",
        "--if-version",
        "1@1");
    assertEquals(0, client("delete", "k", "--if-version", "3@1"));
    refuses(
        5,
        "replica 127.0.0.1:8000: k was deleted by version 4@1; the condition was that it has version 3@1",
        "put",
        "k",
        "5",
        "--if-version",
        "3@1");
    refuses(2, "\"3\" is not a version: such as 5@1", "put", "k", "4", "--if-version", "3");
    refuses(
        2,
        "\"3@0.7\" is not a version: replica id 0 is not 1 or more",
        "put",
        "k",
        "4",
        "--if-version",
        "3@0.7");
    refuses(
        2,
        "\"3@1.9999999999\" is not a version: its incarnation is beyond 31 bits",
        "put",
        "k",
        "4",
        "--if-version",
        "3@1.9999999999");
  }

  @Test
  void what_is_absent_has_an_exit_code_on_the_command_line_and_does_not_end_a_script() {
    assertEquals(4, client("get", "k"));
    assertEquals("(absent: never written here)\n", out.toString(UTF_8));
    assertEquals(4, client("get", "k", "--output", "value"));
    assertEquals("", out.toString(UTF_8));
    assertEquals(4, client("get", "k", "--output", "json"));
    assertEquals("{\"key\":\"k\",\"value\":null}\n", out.toString(UTF_8));
    assertEquals(4, client("get", "--multi", "k"));
    assertEquals("(absent: no value here)\n", out.toString(UTF_8));
    in = "get k\nget --multi k\ncounter k\n".getBytes(UTF_8);
    answers("(absent: never written here)\n(absent: no value here)\n0\n");
    in = "put k v --if-absent\nput k v --if-absent\ncounter k\n".getBytes(UTF_8);
    assertEquals(5, client());
    assertEquals(
        "standard input, line 2: replica 127.0.0.1:8000: k is something else\n", errors.toString());
  }

  @Test
  void a_write_that_may_have_happened_has_an_exit_code() {
    replica.refuse(Status.INTERNAL.withDescription("broken").asRuntimeException());
    refuses(6, "replica 127.0.0.1:8000: INTERNAL broken; the write may have happened", "incr", "c");
  }

  @Test
  void several_changes_are_one_write() {
    answers(
        "written: version 1@1, position 1:1\n",
        words(
            "write put color blue , incr likes 2 , incr stock -1 , add s a b , append f x ,"
                + " put city Paris --map m , delete old"));
    assertEquals(1, replica.writes());
    answers("2\n", "counter", "likes");
    answers("-1\n", "counter", "stock");
    answers("a\nb\n", "members", "s");
    answers("register city = Paris\n", "map", "m");
    assertEquals(5, client(words("write incr likes , put color red --if-absent")));
    answers("2\n", "counter", "likes");
    in = "write put color red , incr likes\nget color\n".getBytes(UTF_8);
    answers("written: version 2@1, position 1:2\nred\n");
  }

  @Test
  void a_comma_in_a_word_divides_nothing() {
    answers("written: version 1@1, position 1:1\n", "write", "put", "k", "a,b", ",", "incr", "c");
    answers("a,b\n", "get", "k");
  }

  @Test
  void several_changes_typed_wrong_say_which() {
    refuses(2, "change 2 is missing: write CHANGE , CHANGE …", words("write put a 1 ,"));
    refuses(2, "change 1 is missing: write CHANGE , CHANGE …", words("write , put a 1"));
    refuses(2, "change 2 (get): there is no command \"get\"", words("write put a 1 , get a"));
    refuses(
        2,
        "change 1 (put): Unknown options: '--acks', '2'",
        words("write put a 1 --acks 2 , incr c"));
    refuses(2, "change 1 (incr): \"x\" is not a whole number", words("write incr c x"));
    refuses(2, "Missing required parameter: 'CHANGE [, CHANGE]…'", words("write"));
    assertEquals(0, replica.writes());
  }

  private static String[] words(String line) {
    return line.split(" ");
  }

  @Test
  void answers_have_a_form_for_programs() {
    client(words("write put k v , put --multi w x , incr c 3 , add s a b , append f x"));
    client(words("write put k v --map m , incr c 2 --map m , add s a --map m"));
    String write = ",\"version\":\"1@1.101\",\"position\":\"1:1\"}\n";
    answers("{\"key\":\"k\",\"value\":\"v\"" + write, "get", "k", "--output", "json");
    answers("{\"key\":\"w\",\"value\":\"x\"" + write, "get", "w", "--multi", "--output", "json");
    answers("{\"key\":\"k\",\"value\":\"v\"" + write, "range", "--output", "json");
    answers("{\"feed\":\"f\",\"value\":\"x\"" + write, "feed", "f", "--output", "json");
    answers("{\"counter\":\"c\",\"value\":3}\n", "counter", "c", "--output", "json");
    answers(
        "{\"set\":\"s\",\"element\":\"a\"}\n{\"set\":\"s\",\"element\":\"b\"}\n",
        "members",
        "s",
        "--output",
        "json");
    answers(
        """
        {"map":"m","type":"register","field":"k","value":"v","version":"2@1.101","position":"1:2"}
        {"map":"m","type":"counter","field":"c","value":2}
        {"map":"m","type":"set","field":"s","value":"a"}
        """,
        "map",
        "m",
        "--output",
        "json");
    answers(
        "{\"version\":\"3@1.101\",\"position\":\"1:3\",\"durable_on\":1}\n",
        "incr",
        "c",
        "--output",
        "json");
    answers("v", "get", "k", "--output", "value");
    answers("x", "get", "w", "--multi", "--output", "value");
    answers("a\nb\n", "members", "s", "--output", "value");
    answers("4\n", "counter", "c", "--output", "value");
    answers("", "feed", "none", "--output", "value");
    answers("(empty)\n", "feed", "none");
  }

  @Test
  void every_command_has_an_example_in_its_help() {
    for (String name :
        List.of(
            "put",
            "get",
            "delete",
            "incr",
            "counter",
            "add",
            "remove",
            "members",
            "append",
            "feed",
            "range",
            "map",
            "write",
            "completion")) {
      assertEquals(0, client(name, "--help"), name);
      String help = out.toString(UTF_8);
      assertTrue(help.contains("\nFor example:\n  "), help);
      assertTrue(help.lines().allMatch(line -> line.length() <= 110), help);
    }
  }

  @Test
  void bash_completes_commands_and_options() throws Exception {
    assertEquals(0, client("completion"));
    Path script = Files.write(directory.resolve("completion"), out.toByteArray());
    assertEquals("", bash("bash -n " + script));
    String complete =
        """
        compopt() { :; }
        source %s
        COMP_WORDS=(client %s)
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _complete_client
        printf '%%s\\n' "${COMPREPLY[@]}"
        """;
    assertEquals("members\n", bash(complete.formatted(script, "mem")));
    assertEquals("--if-absent\n--if-version\n", bash(complete.formatted(script, "put --if-")));
    assertTrue(bash(complete.formatted(script, "admin ''")).contains("join"));
    assertEquals("json\n", bash(complete.formatted(script, "get k --output j")));
    assertEquals(
        "complete -o default -F _complete_client client\n",
        bash("source %s; complete -p client".formatted(script)));
  }

  @Test
  void standard_input_may_be_a_pipe() throws Exception {
    // It is read before the replica, which is not there, is asked.
    String client =
        "'%s' -cp '%s' %s --replica 127.0.0.1:1 --timeout 1s"
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path"),
                ClientMain.class.getName());
    for (String typed :
        List.of("echo blue | " + client + " put k -", "echo put k blue | " + client)) {
      String said = bash(typed + "; true");
      assertTrue(said.contains("replica 127.0.0.1:1 "), said);
    }
  }

  private static String bash(String script) throws IOException, InterruptedException {
    Process bash = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true).start();
    try {
      String output = new String(bash.getInputStream().readAllBytes(), UTF_8);
      assertTrue(bash.waitFor(1, TimeUnit.MINUTES));
      assertEquals(0, bash.exitValue(), output);
      return output;
    } finally {
      bash.destroyForcibly();
    }
  }
}
