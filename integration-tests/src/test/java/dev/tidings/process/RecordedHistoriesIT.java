package dev.tidings.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code bin/client record} sees of running replicas, {@code bin/client check} judges. */
final class RecordedHistoriesIT {
  @TempDir private Path directory = Path.of("set by JUnit");
  private List<ReplicaProcess> replicas = List.of();

  @AfterEach
  void destroy() {
    replicas.forEach(ReplicaProcess::destroy);
  }

  @ParameterizedTest
  @CsvSource({"causal, 0, causal", "eventual, 1, NOT causal"})
  void a_recorded_history_tells_a_causal_cluster_from_an_eventual_one(
      String consistency, int exitCode, String verdict) throws Exception {
    replicas =
        ReplicaProcess.cluster(
            3,
            directory,
            List.of("--consistency=" + consistency, "--delay=1-2=20ms,2-3=20ms,1-3=200ms"));
    for (ReplicaProcess replica : replicas) {
      replica.awaitReady();
    }
    Path history = directory.resolve("history.jsonl");
    String addresses =
        replicas.stream().map(ReplicaProcess::address).collect(Collectors.joining(","));

    Outcome record =
        client(
            "record",
            history.toString(),
            "--replicas=" + addresses,
            "--sessions=12",
            "--ops=1500",
            "--keys=20",
            "--move-fraction=0.2",
            "--group-fraction=0.2");
    assertEquals(0, record.exitCode(), record.output());
    assertEquals(
        List.of(
            "1,500 operations of 12 sessions asked, 1,500 answered, 0 refused, 0 of unknown outcome",
            "what 3 replicas hold in the end is recorded"),
        record.output().lines().toList());

    Outcome check = client("check", history.toString());
    assertEquals(exitCode, check.exitCode(), check.output());
    assertEquals(
        1, check.output().lines().filter(line -> line.startsWith(verdict)).count(), check.output());
  }

  private record Outcome(int exitCode, String output) {}

  private Outcome client(String... arguments) throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-jar");
    command.add(Path.of("..", "client", "target", "client.jar").toString());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        throw new AssertionError("it does not end: " + command);
      }
    } finally {
      process.destroyForcibly();
    }
    return new Outcome(process.exitValue(), Files.readString(output));
  }
}
