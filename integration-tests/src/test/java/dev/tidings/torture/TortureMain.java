package dev.tidings.torture;

import dev.tidings.client.Bytes;
import dev.tidings.client.Item;
import dev.tidings.client.Recorder;
import dev.tidings.client.Value;
import dev.tidings.client.history.HistoryFiles;
import dev.tidings.history.History;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code make torture}: runs it, and says what is to be said. */
@Command(
    name = "torture",
    sortOptions = false,
    description = "Torments five replica processes, and judges what fifty sessions saw of them.",
    footer = {"", "Exit codes: 0 passed, 1 not, 2 typed wrong."})
public final class TortureMain implements Callable<Integer> {
  private static final int REPLICAS = 5;
  private static final int SESSIONS = 50;
  private static final Duration PROGRESS = Duration.ofSeconds(5);

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Option(
      names = "--seconds",
      defaultValue = "60",
      paramLabel = "N",
      description = "How long the replicas are tormented. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Decides what is done to whom and when. Default: another one each time.")
  private @Nullable Long seed;

  @Option(
      names = "--faults",
      split = ",",
      paramLabel = "FAULT",
      description = "Those that may come, of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private List<Fault> faults = Fault.USUAL;

  @Option(
      names = "--consistency",
      defaultValue = "causal",
      paramLabel = "MODE",
      description =
          "As bin/replica takes it. Default: ${DEFAULT-VALUE}; eventual does not pass, and should not.")
  private String consistency = "";

  TortureMain() {}

  /** Exits with 0 for a run that passed. */
  public static void main(String[] args) {
    System.exit(
        new CommandLine(new TortureMain()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    long chosen = seed == null ? new SplittableRandom().nextInt(1_000_000) : seed;
    Path directory = Files.createTempDirectory("tidings-torture-");
    boolean passed = false;
    try (var journal = new Journal(directory.resolve("torture.log"))) {
      journal.print(
          "torture: seed %d, %d s, %d replicas, %d sessions, %s"
              .formatted(chosen, seconds, REPLICAS, SESSIONS, consistency));
      passed = run(chosen, directory, journal);
    } finally {
      if (passed) {
        TorturedCluster.delete(directory);
      } else {
        System.out.println("history.jsonl, torture.log and the replicas' logs are in " + directory);
      }
    }
    return passed ? 0 : 1;
  }

  private boolean run(long chosen, Path directory, Journal journal)
      throws IOException, InterruptedException {
    Plan plan = Plan.of(chosen, REPLICAS, seconds * 1_000L, faults);
    Path historyFile = directory.resolve("history.jsonl");
    var findings = new ArrayList<String>();
    try (var cluster =
        new TorturedCluster(
            directory,
            REPLICAS,
            plan.fullDisk(),
            List.of("--consistency=" + consistency, "--join-wait=600"))) {
      cluster.awaitReady();
      journal.tell("replicas 1 to %d are ready".formatted(REPLICAS));
      List<String> addresses = cluster.addresses();
      var tormentor = new Tormentor(cluster, plan, journal);
      Workload workload;
      @Nullable Ending ending;
      try (Recorder recorder = Recorder.to(historyFile)) {
        workload = new Workload(chosen, SESSIONS, addresses, recorder);
        torment(tormentor, workload, journal);
        cluster.heal();
        journal.tell("everything is healed");
        ending = end(addresses, workload, recorder, journal, findings);
      }
      findings.addAll(0, tormentor.findings());
      findings.addAll(workload.failures());
      findings.addAll(errors(cluster.logs()));
      History history = HistoryFiles.read(historyFile, null, bytes -> {});
      var seen = new Verdict.Seen(workload.attempts(), workload.toldOfLoss(), history);
      Verdict verdict =
          ending == null
              ? Verdict.ofUnequal(history)
              : Verdict.of(seen, ending, addresses, tormentor.wipes());
      findings.addAll(verdict.findings());
      report(tormentor, cluster.hasSmallDisk(), workload, verdict, findings, journal);
    }
    return findings.isEmpty();
  }

  /** What all replicas come to hold; null if they do not become equal. */
  private static @Nullable Ending end(
      List<String> addresses,
      Workload workload,
      Recorder recorder,
      Journal journal,
      List<String> findings) {
    try {
      Ending.awaitEquality(addresses);
      workload.readOnceMore();
      workload.disconnect();
      Ending ending = Ending.read(addresses, workload.ledgers());
      journal.tell("all replicas are equal");
      record(ending, recorder);
      return ending;
    } catch (Ending.NotEqualException e) {
      workload.disconnect();
      journal.tell("the replicas are not equal");
      findings.add(String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** Returns when the tormentor has done its work and every session has its last answer. */
  private static void torment(Tormentor tormentor, Workload workload, Journal journal)
      throws IOException, InterruptedException {
    ScheduledExecutorService progress = Executors.newSingleThreadScheduledExecutor();
    Future<?> told =
        progress.scheduleAtFixedRate(
            () -> journal.tell(workload.counts()),
            PROGRESS.toMillis(),
            PROGRESS.toMillis(),
            TimeUnit.MILLISECONDS);
    try {
      workload.start();
      tormentor.run();
    } finally {
      told.cancel(false);
      progress.shutdownNow();
    }
    workload.stop();
  }

  private static void record(Ending ending, Recorder recorder) {
    List<Bytes> keys = Workload.keys();
    ending
        .registers()
        .forEach(
            (replica, values) -> {
              for (int i = 0; i < keys.size(); i++) {
                Value value = values.get(i);
                recorder.finalContent(replica, Item.register(keys.get(i)), value);
              }
            });
    List<Item.Simple<?>> items = Workload.objects();
    ending
        .objects()
        .forEach(
            (replica, contents) -> {
              for (int i = 0; i < items.size(); i++) {
                recorder.finalContent(replica, items.get(i), contents.get(i));
              }
            });
  }

  /** What replicas have logged as errors; that its disk is full ends one that starts. */
  private static List<String> errors(List<Path> logs) throws IOException {
    var errors = new ArrayList<String>();
    for (Path log : logs) {
      // A process that was killed may have left half a character.
      try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
        lines
            .filter(line -> line.contains(" ERROR ") && !line.contains("disk is full"))
            .limit(5)
            .forEach(line -> errors.add(log.getFileName() + ": " + line));
      }
    }
    return errors;
  }

  private void report(
      Tormentor tormentor,
      boolean hasSmallDisk,
      Workload workload,
      Verdict verdict,
      List<String> findings,
      Journal journal) {
    Map<Fault, Integer> done = tormentor.done();
    journal.print(
        "done: "
            + done.entrySet().stream()
                .map(entry -> entry.getValue() + " × " + entry.getKey().words())
                .collect(Collectors.joining(", ")));
    Set<Fault> wanted = faults.isEmpty() ? Set.of() : EnumSet.copyOf(faults);
    if (wanted.contains(Fault.FULL_DISK) && !hasSmallDisk) {
      journal.print("full disk: skipped, since this process may not mount a small one");
    }
    List<Fault> missed =
        Arrays.stream(Fault.values()).filter(fault -> !wanted.contains(fault)).toList();
    if (!missed.isEmpty()) {
      journal.print(
          "not done: " + missed.stream().map(Fault::words).collect(Collectors.joining(", ")));
    }
    journal.print("tried: " + workload.counts());
    journal.print("not answered: " + workload.reasons());
    verdict.lines().forEach(journal::print);
    findings.forEach(finding -> journal.print("WRONG: " + finding));
    journal.print(findings.isEmpty() ? "verdict: passed" : "verdict: NOT passed");
  }
}
