package dev.tidings.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.rpc.Code;
import dev.tidings.client.history.HistoryFiles;
import dev.tidings.history.Checker;
import dev.tidings.history.History;
import dev.tidings.history.Model;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What sessions do is written down as the checker reads it. */
class RecorderTest {
  private static final Bytes X = Bytes.of("x");
  private static final Bytes Y = Bytes.of("y");

  private final Path file;
  private final Recorder recorder;
  private final FakeCluster cluster = new FakeCluster(1);
  private final FakeReplica replica = cluster.replica(1);
  private final Tidings tidings = cluster.connect(replica.address(), Duration.ofSeconds(10));
  private final Session session = tidings.session();

  RecorderTest(@TempDir Path directory) throws IOException {
    file = directory.resolve("history");
    recorder = Recorder.to(file);
    session.recordTo(recorder, "alice");
  }

  @AfterEach
  void close() {
    tidings.close();
    cluster.close();
  }

  /** The history without its header, times, and the replica's address. */
  private String recorded() throws IOException {
    recorder.close();
    return Files.readAllLines(file).stream()
        .skip(1)
        .map(line -> line.replaceAll(",\"replica\":\"[^\"]*\",\"start\":\\d+,\"end\":\\d+", ""))
        .collect(Collectors.joining("\n"));
  }

  @Test
  void what_happened_together_is_one_group() throws IOException {
    session.write(
        List.of(new Mutation.Put(X, Bytes.of("1")), new Mutation.Append(Bytes.of("f"), Y)));
    session.write(List.of(new Mutation.Put(Y, Bytes.of("2")), new Mutation.Delete(X)));
    session.read(new Query(List.of(X, Y), List.of(), false));

    assertEquals(
        """
        {"session":"alice","group":[{"op":"write","key":"x","value":"1","version":"1@1.101"},{"op":"append","key":"f","value":"y","version":"1@1.101"}]}
        {"session":"alice","group":[{"op":"write","key":"y","value":"2","version":"2@1.101"},{"op":"delete","key":"x","version":"2@1.101"}]}
        {"session":"alice","group":[{"op":"read","key":"x","value":null,"version":"2@1.101"},{"op":"read","key":"y","value":"2","version":"2@1.101"}]}"""
            .stripIndent(),
        recorded());
  }

  @Test
  void a_range_is_recorded_as_the_reads_of_what_was_found() throws IOException {
    session.put(X, Bytes.of("1"));
    session.delete(Y);
    session.read(Item.range(X, Bytes.EMPTY));

    assertEquals(
        "{\"session\":\"alice\",\"op\":\"read\",\"key\":\"x\",\"value\":\"1\",\"version\":\"1@1.101\"}",
        recorded().lines().skip(2).collect(Collectors.joining()));
  }

  @Test
  void every_type_is_recorded_with_what_changed_it() throws IOException {
    session.append(X, Y);
    session.increment(X, 2);
    session.add(X, Y);
    session.remove(X, Y);
    session.putMulti(X, Y);
    session.write(new Mutation.Increment(X, 1).inMap(Y), new Mutation.Put(X, Y).inMap(Y));
    session.deleteMap(Y);
    session.read(Item.feed(X), Item.counter(X), Item.set(X), Item.multi(X));
    session.deleteMulti(X);
    session.deleteCounter(X);
    session.removeAll(X);

    assertEquals(
        """
        {"session":"alice","op":"append","key":"x","value":"y","version":"1@1.101"}
        {"session":"alice","op":"increment","key":"x","by":2,"version":"2@1.101"}
        {"session":"alice","op":"add","key":"x","values":["y"],"version":"3@1.101"}
        {"session":"alice","op":"remove","key":"x","values":["y"],"version":"4@1.101"}
        {"session":"alice","op":"write","type":"multi","key":"x","value":"y","version":"5@1.101"}
        {"session":"alice","group":[{"op":"increment","map":"y","key":"x","by":1,"version":"6@1.101"},{"op":"write","map":"y","key":"x","value":"y","version":"6@1.101"}]}
        {"session":"alice","op":"delete","type":"map","key":"y","version":"7@1.101"}
        {"session":"alice","group":[{"op":"read","type":"feed","key":"x","values":[{"value":"y","version":"1@1.101"}]},{"op":"read","type":"counter","key":"x","value":2,"changed":["2@1.101"]},{"op":"read","type":"set","key":"x","values":[],"changed":["3@1.101","4@1.101"]},{"op":"read","type":"multi","key":"x","values":[{"value":"y","version":"5@1.101"}],"changed":["5@1.101"]}]}
        {"session":"alice","op":"delete","type":"multi","key":"x","version":"8@1.101"}
        {"session":"alice","op":"delete","type":"counter","key":"x","version":"9@1.101"}
        {"session":"alice","op":"delete","type":"set","key":"x","version":"10@1.101"}"""
            .stripIndent(),
        recorded());
  }

  @Test
  void what_is_recorded_of_objects_is_causal_to_the_checker() throws IOException {
    session.add(X, Y, X);
    session.remove(X, X);
    session.append(X, Y);
    session.read(Item.set(X), Item.feed(X), Item.counter(X));
    recorder.finalContent("r1", Item.set(X), session.read(Item.set(X)));
    recorder.close();

    History history = HistoryFiles.read(file, null, bytes -> {});
    assertEquals(Optional.empty(), Checker.judge(history, Model.CCV, groups -> {}).violation());
  }

  @Test
  void conditions_are_recorded_before_what_was_written_under_them() throws IOException {
    WriteInfo first = session.putIfAbsent(X, Y);
    session.putIfVersion(X, first.version(), X);
    WriteOptions inVain =
        WriteOptions.onlyIf(Condition.absent(X).inMap(Y), Condition.version(X, first.version()));
    assertThrows(
        TidingsException.class, () -> session.write(List.of(new Mutation.Increment(X, 1)), inVain));

    assertEquals(
        """
        {"session":"alice","group":[{"op":"if","key":"x","version":null},{"op":"write","key":"x","value":"y","version":"1@1.101"}]}
        {"session":"alice","group":[{"op":"if","key":"x","version":"1@1.101"},{"op":"write","key":"x","value":"x","version":"2@1.101"}]}
        {"session":"alice","group":[{"op":"if","map":"y","key":"x","version":null},{"op":"if","key":"x","version":"1@1.101"},{"op":"increment","key":"x","by":1}],"outcome":"aborted"}"""
            .stripIndent(),
        recorded());
  }

  @Test
  void a_refused_write_is_aborted_and_one_without_an_answer_unknown() throws IOException {
    replica.refuse(FakeReplica.refusal(Code.RESOURCE_EXHAUSTED, "SIZE_LIMIT", "too large", 0));
    assertThrows(TidingsException.class, () -> session.put(X, Bytes.of("1")));
    replica.refuse(new StatusRuntimeException(Status.UNKNOWN));
    var unknown = assertThrows(TidingsException.class, () -> session.put(X, Bytes.of("2")));
    assertEquals(true, unknown.outcomeUnknown());

    assertEquals(
        """
        {"session":"alice","op":"write","key":"x","value":"1","outcome":"aborted"}
        {"session":"alice","op":"write","key":"x","value":"2","outcome":"unknown"}"""
            .stripIndent(),
        recorded());
  }

  @Test
  void a_read_without_an_answer_is_not_recorded() throws IOException {
    replica.refuse(new StatusRuntimeException(Status.INTERNAL));
    assertThrows(TidingsException.class, () -> session.get(X));

    assertEquals("", recorded());
  }

  @Test
  void what_a_replica_holds_in_the_end_is_recorded() throws IOException {
    session.put(X, Bytes.of(new byte[] {(byte) 0xff}));
    recorder.finalContent("r1", Item.register(X), session.get(X));

    assertEquals(
        "{\"final\":\"r1\",\"key\":\"x\",\"value\":\"base64:/w==\",\"version\":\"1@1.101\"}",
        recorded().lines().skip(2).collect(Collectors.joining()));
  }
}
