package dev.tidings.client.cli;

import dev.tidings.client.Content;
import dev.tidings.client.Item;
import dev.tidings.client.Query;
import dev.tidings.client.Recorder;
import dev.tidings.client.ReplicaStatus;
import dev.tidings.client.Session;
import dev.tidings.client.Snapshot;
import dev.tidings.client.Tidings;
import dev.tidings.client.TidingsException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code bin/client record}: runs a workload against replicas, and records what it saw. */
@Command(
    description = "Read and write at running replicas, and record what was seen, for check.",
    footer = {
      "",
      "A script has one command a line, behind the name of the session that does it:",
      "  alice put x 1",
      "  bob use 127.0.0.1:8001",
      "  bob get x",
      "Its keys must be new to the store: what others wrote is, to check, written by nobody.",
      "",
      "For example, beside make replicas:",
      "  bin/client record run.jsonl --sessions 20 --ops 5000 && bin/client check run.jsonl",
      "",
      "Exit codes: 0 done, 1 refused or failed, 2 typed wrong."
    })
final class RecordCommand implements StandaloneCommand {
  private static final int MOST_SESSIONS = 1_000;
  private static final int KEYS_AT_ONCE = 100;
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  private final Function<String, Tidings> connector;
  private final Console console;

  @Parameters(paramLabel = "FILE", description = "Where the history is put.")
  private Path file = Path.of("");

  @Option(
      names = "--replicas",
      split = ",",
      paramLabel = "HOST:PORT",
      description = "Client ports, with commas between. Default: those of make replicas.",
      defaultValue = "127.0.0.1:8000,127.0.0.1:8001,127.0.0.1:8002")
  private List<String> replicas = List.of();

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "10",
      description = "From 1 to 1000. Default: ${DEFAULT-VALUE}.")
  private int sessions;

  @Option(
      names = "--types",
      paramLabel = "TYPES",
      defaultValue = "all",
      converter = TypesConverter.class,
      completionCandidates = TypesWords.class,
      description =
          "all: registers, multi-value registers, counters, sets, feeds and maps of them, with"
              + " conditions; or registers. Default: ${DEFAULT-VALUE}.")
  private RandomWorkload.Types types = RandomWorkload.Types.ALL;

  @Option(
      names = "--keys",
      paramLabel = "N",
      defaultValue = "100",
      description = "Default: ${DEFAULT-VALUE}.")
  private int keys;

  @Option(
      names = "--ops",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Operations of all sessions together. Default: ${DEFAULT-VALUE}.")
  private long operations;

  @Option(
      names = "--read-fraction",
      paramLabel = "P",
      defaultValue = "0.5",
      description = "Of the operations, from 0 to 1. Default: ${DEFAULT-VALUE}.")
  private double readFraction;

  @Option(
      names = "--group-fraction",
      paramLabel = "P",
      defaultValue = "0.1",
      description =
          "Of the operations, those on two or three keys together. Default: ${DEFAULT-VALUE}.")
  private double groupFraction;

  @Option(
      names = "--move-fraction",
      paramLabel = "P",
      defaultValue = "0.05",
      description =
          "Of the operations, those before which the session moves to any replica. Default:"
              + " ${DEFAULT-VALUE}.")
  private double moveFraction;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Decides what is asked. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--script",
      paramLabel = "SCRIPT",
      description = "Run this instead of a random workload.")
  private @Nullable Path script;

  @Option(
      names = "--settle",
      paramLabel = "DURATION",
      description =
          "How long to wait at the end until all replicas hold the same, to record what that is."
              + " Default: 10s; 0s for not at all.")
  private Duration settle = Duration.ofSeconds(10);

  /**
   * @param connector takes a replica's address
   * @param console for what scripts say
   */
  RecordCommand(Function<String, Tidings> connector, Console console) {
    this.connector = connector;
    this.console = console;
  }

  @Override
  public boolean connects() {
    return true;
  }

  @Override
  public int run(PrintWriter out, PrintWriter errors) {
    check();
    try (Tidings tidings = connector.apply(replicas.get(0))) {
      for (String replica : replicas) {
        tidings.admin(replica).status();
      }
      try (Recorder recorder = Recorder.to(file)) {
        if (script != null) {
          return runScript(script, tidings, recorder, errors);
        }
        runRandom(tidings, recorder, errors);
        return ExitCode.OK;
      }
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw CommandFailure.refused(file + " cannot be written: " + e.getMessage());
    } catch (InterruptedException e) {
      throw CommandFailure.refused("interrupted");
    }
  }

  private void check() {
    checkRange("--sessions", sessions, 1, MOST_SESSIONS);
    checkRange("--keys", keys, 1, Integer.MAX_VALUE);
    checkRange("--ops", operations, 1, Long.MAX_VALUE);
    checkFraction("--read-fraction", readFraction);
    checkFraction("--group-fraction", groupFraction);
    checkFraction("--move-fraction", moveFraction);
  }

  private static void checkRange(String option, long value, long least, long most) {
    if (value < least || value > most) {
      throw CommandFailure.usage(
          "%s %d is not a number from %d to %d".formatted(option, value, least, most));
    }
  }

  private static void checkFraction(String option, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw CommandFailure.usage("%s %s is not a number from 0 to 1".formatted(option, value));
    }
  }

  private void runRandom(Tidings tidings, Recorder recorder, PrintWriter errors)
      throws InterruptedException {
    var plan =
        new RandomWorkload.Plan(
            types,
            keys,
            Long.toString(Instant.now().toEpochMilli(), Character.MAX_RADIX) + "/",
            readFraction,
            groupFraction,
            moveFraction,
            seed,
            replicas);
    var workload = new RandomWorkload(plan);
    ExecutorService threads = Executors.newFixedThreadPool(sessions);
    try (var progress = new Progress("recording", operations)) {
      for (int i = 0; i < sessions; i++) {
        int number = i;
        long share = operations / sessions + (number < operations % sessions ? 1 : 0);
        Session session = tidings.session();
        session.recordTo(recorder, "s" + number);
        threads.execute(() -> workload.run(number, session, share));
      }
      threads.shutdown();
      while (!threads.awaitTermination(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        progress.accept(workload.asked());
      }
    } finally {
      threads.shutdownNow();
    }
    errors.printf(
        "%,d operations of %,d sessions asked, %,d answered, %,d refused, %,d of unknown outcome%n",
        workload.asked(), sessions, workload.answered(), workload.refused(), workload.unknown());
    recordFinalStates(plan.items(), tidings, recorder, errors);
  }

  private void recordFinalStates(
      List<Item<?>> all, Tidings tidings, Recorder recorder, PrintWriter errors)
      throws InterruptedException {
    if (settle.isZero()) {
      return;
    }
    try {
      if (!settled(tidings)) {
        errors.printf(
            "after %s the replicas do not all show the same writes yet, so what they hold is not"
                + " recorded%n",
            settle);
        return;
      }
      // All of it first: a key that is left out would be one that the replica had lost.
      var held = new ArrayList<Runnable>();
      for (String replica : replicas) {
        read(all, replica, tidings, recorder, held);
      }
      held.forEach(Runnable::run);
      errors.printf("what %d replicas hold in the end is recorded%n", replicas.size());
    } catch (TidingsException e) {
      errors.println("what the replicas hold in the end is not recorded: " + e.getMessage());
    }
  }

  private static void read(
      List<Item<?>> all, String replica, Tidings tidings, Recorder recorder, List<Runnable> held) {
    Session reader = tidings.session();
    reader.moveTo(replica);
    for (int from = 0; from < all.size(); from += KEYS_AT_ONCE) {
      List<Item<?>> some = all.subList(from, Math.min(all.size(), from + KEYS_AT_ONCE));
      Snapshot snapshot = reader.read(new Query(some, false));
      some.forEach(
          item ->
              held.add(() -> recorder.finalContent(replica, item, (Content) snapshot.get(item))));
    }
  }

  /** {@link RandomWorkload.Types} in lower case. */
  static final class TypesWords extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    TypesWords() {
      super(List.of("all", "registers"));
    }
  }

  /** What {@link TypesWords} mean. */
  static final class TypesConverter implements ITypeConverter<RandomWorkload.Types> {
    @Override
    public RandomWorkload.Types convert(String word) {
      return switch (word) {
        case "all" -> RandomWorkload.Types.ALL;
        case "registers" -> RandomWorkload.Types.REGISTERS;
        default -> throw new TypeConversionException("\"" + word + "\" is not all or registers");
      };
    }
  }

  /** Whether all replicas come to show the same writes within {@link #settle}. */
  private boolean settled(Tidings tidings) throws InterruptedException {
    long until = System.nanoTime() + settle.toNanos();
    while (true) {
      var frontiers = new HashSet<>();
      for (String replica : replicas) {
        ReplicaStatus status = tidings.admin(replica).status();
        frontiers.add(status.frontier());
      }
      if (frontiers.size() == 1) {
        return true;
      }
      if (System.nanoTime() - until > 0) {
        return false;
      }
      Thread.sleep(LOOK_EVERY.toMillis());
    }
  }

  private int runScript(Path script, Tidings tidings, Recorder recorder, PrintWriter errors)
      throws IOException {
    Map<String, Shell> shells = new HashMap<>();
    var lines = new ArrayList<String>();
    try (BufferedReader text = Files.newBufferedReader(script)) {
      text.lines().forEach(lines::add);
    } catch (IOException | java.io.UncheckedIOException e) {
      throw CommandFailure.usage("script " + script + " cannot be read");
    }
    int exitCode = ExitCode.OK;
    for (int number = 1; number <= lines.size(); number++) {
      String[] words = lines.get(number - 1).strip().split("\\s+", 2);
      if (words[0].isEmpty() || words[0].startsWith("#")) {
        continue;
      }
      Shell shell = shells.computeIfAbsent(words[0], name -> shell(name, tidings, recorder));
      try {
        shell.run(words.length < 2 ? "help" : words[1]);
      } catch (CommandFailure e) {
        errors.printf("%s, line %d: %s%n", script, number, e.getMessage());
        return e.exitCode();
      } catch (TidingsException e) {
        // It is recorded, and what follows may do better.
        errors.printf("%s, line %d: %s%n", script, number, e.getMessage());
        exitCode = ExitCode.REFUSED;
      }
    }
    return exitCode;
  }

  private Shell shell(String name, Tidings tidings, Recorder recorder) {
    Session session = tidings.session();
    session.recordTo(recorder, name);
    return new Shell(
        new Conversation(
            tidings,
            session,
            new Conversation.Speaker(name, Set.of()),
            new Conversation.Manner(1, true),
            console,
            new Input(null),
            null));
  }
}
