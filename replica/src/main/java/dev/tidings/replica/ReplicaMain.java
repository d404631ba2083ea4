package dev.tidings.replica;

import dev.tidings.causal.Consistency;
import dev.tidings.replica.link.LinkSpec;
import dev.tidings.replica.storage.DamagedDataException;
import dev.tidings.replica.storage.DiskFullException;
import dev.tidings.replica.storage.StorageException;
import dev.tidings.replica.storage.UnusableDataException;
import dev.tidings.server.ServerCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/replica}: parses, wires, starts, and stops on a signal. */
@Command(
    name = "replica",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = "Runs one replica of the causal store.",
    footer = {
      "",
      "There is no TLS and no authentication yet: whoever reaches a port may use it.",
      "",
      "Example, the first of three replicas on one machine:",
      "  bin/replica --id 1 --peers 2=127.0.0.1:8101,3=127.0.0.1:8102 --data data/replica-1"
    })
public final class ReplicaMain implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaMain.class);
  private static final int FIRST_CLIENT_PORT = 8000;
  private static final int FIRST_PEER_PORT = 8100;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Option(
      names = "--id",
      required = true,
      paramLabel = "N",
      description = "The replica's number, 1 or more.")
  private int id;

  @Option(
      names = "--cluster",
      defaultValue = "tidings",
      paramLabel = "NAME",
      description =
          "The cluster's name; replicas of different clusters refuse each other. Default: ${DEFAULT-VALUE}.")
  private String cluster = "";

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description =
          "Where clients are served. Default: 127.0.0.1, port 8000 for replica 1, 8001 for 2, …")
  private @Nullable String listen;

  @Option(
      names = "--peer-listen",
      paramLabel = "HOST:PORT",
      description =
          "Where peers are served. Default: 127.0.0.1, port 8100 for replica 1, 8101 for 2, …")
  private @Nullable String peerListen;

  @Option(
      names = "--metrics-listen",
      paramLabel = "HOST:PORT",
      description = "Where Prometheus reads metrics, at /metrics. Default: nowhere.")
  private @Nullable String metricsListen;

  @Option(
      names = "--peers",
      defaultValue = "",
      paramLabel = "ID=HOST:PORT,…",
      description = "The other replicas' peer addresses. Default: none.")
  private String peers = "";

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The data directory, created if need be. Default: data/replica-N.")
  private @Nullable Path data;

  @Option(
      names = "--min-free",
      defaultValue = "67108864",
      paramLabel = "BYTES",
      description =
          "With less space on the data directory's disk, writes are refused and reads go on. Default: ${DEFAULT-VALUE}.")
  private long minFreeBytes;

  @Option(
      names = "--delay",
      defaultValue = "",
      paramLabel = "LINKS",
      description =
          "Simulated one-way link delays, such as 1-2=2s,1>3=500ms (- both ways, > one way; ms, s or m). Links between"
              + " other replicas are ignored. Default: none.")
  private String delay = "";

  @Option(
      names = "--consistency",
      defaultValue = "causal",
      paramLabel = "MODE",
      description =
          "causal, or eventual: writes show on arrival and dependencies are ignored. Stored with the data; the same for the"
              + " whole cluster. Default: ${DEFAULT-VALUE}.")
  private String consistency = "";

  @Option(
      names = "--homes",
      defaultValue = "",
      paramLabel = "PREFIX=ID,…",
      description =
          "Keys that have a home: writes to keys that begin so are all decided by that replica, and forwarded to it by"
              + " the others. The same for the whole cluster; to change it, stop all replicas first. Default: none.")
  private String homes = "";

  @Option(
      names = "--read-wait",
      defaultValue = "2000",
      paramLabel = "MILLIS",
      description =
          "How long a request waits for what its session depends on, 0 to 60000. Default: ${DEFAULT-VALUE}.")
  private int readWaitMillis;

  @Option(
      names = "--join-wait",
      defaultValue = "5",
      paramLabel = "SECONDS",
      description =
          "A replica that begins with an empty data directory asks its peers what they have before it serves; those that do"
              + " not answer are waited for so long, 0 to 3600. Default: ${DEFAULT-VALUE}.")
  private int joinWaitSeconds;

  @Option(
      names = "--log-keep",
      defaultValue = "16777216",
      paramLabel = "BYTES",
      description =
          "So much of each origin's log is kept even if every member has it. Default: ${DEFAULT-VALUE}.")
  private long logKeepBytes;

  @Option(
      names = "--log-max",
      defaultValue = "1073741824",
      paramLabel = "BYTES",
      description =
          "So much of each origin's log is kept for members that lack it; one that lacks more is sent a snapshot."
              + " Default: ${DEFAULT-VALUE}.")
  private long logMaxBytes;

  @Option(
      names = "--log-max-age",
      defaultValue = "168",
      paramLabel = "HOURS",
      description =
          "What is older is not kept for members that lack it, 1 or more. Default: ${DEFAULT-VALUE}.")
  private int logMaxAgeHours;

  @Option(
      names = "--tombstone-age",
      defaultValue = "60",
      paramLabel = "MINUTES",
      description =
          "Deletes are remembered for so long at least, 0 or more, and until every member shows them. Default:"
              + " ${DEFAULT-VALUE}.")
  private int tombstoneMinutes;

  @Option(
      names = "--max-forward-jump",
      defaultValue = "100000",
      paramLabel = "TICKS",
      description =
          "How far a client may push the Lamport clock with one write. Default: ${DEFAULT-VALUE}.")
  private long maxForwardJumpTicks;

  @Option(
      names = "--max-key",
      defaultValue = "1024",
      paramLabel = "BYTES",
      description = "Largest key or feed name. Default: ${DEFAULT-VALUE}.")
  private int maxKeyBytes;

  @Option(
      names = "--max-value",
      defaultValue = "4194304",
      paramLabel = "BYTES",
      description = "Largest value. Default: ${DEFAULT-VALUE}.")
  private int maxValueBytes;

  @Option(
      names = "--max-write",
      defaultValue = "16777216",
      paramLabel = "BYTES",
      description = "Largest write or answer, all keys and values. Default: ${DEFAULT-VALUE}.")
  private int maxWriteBytes;

  ReplicaMain() {}

  /** Exits 0 after a signal, 1 if the replica cannot run, 2 for a bad command line. */
  public static void main(String[] args) {
    int code = ServerCommand.run(ServerCommand.of(new ReplicaMain()), args);
    if (code != 0) {
      System.exit(code);
    }
  }

  @Override
  public Integer call() {
    ReplicaConfig config;
    try {
      config = config();
    } catch (IllegalArgumentException e) {
      if (spec == null) {
        throw e;
      }
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    try {
      run(config);
      return 0;
    } catch (UnusableDataException | DamagedDataException | DiskFullException | IOException e) {
      LOG.error("{}", e.getMessage());
    } catch (StorageException e) {
      LOG.error("the replica cannot start", e);
    }
    return 1;
  }

  ReplicaConfig config() {
    return new ReplicaConfig(
        id,
        cluster,
        HostPort.parse(listen == null ? "127.0.0.1:" + (FIRST_CLIENT_PORT + id - 1) : listen),
        HostPort.parse(peerListen == null ? "127.0.0.1:" + (FIRST_PEER_PORT + id - 1) : peerListen),
        metricsListen == null ? null : HostPort.parse(metricsListen),
        peers(),
        data == null ? Path.of("data", "replica-" + id) : data,
        minFreeBytes,
        LinkSpec.outgoing(id, delay),
        consistency(),
        new Limits(maxKeyBytes, maxValueBytes, maxWriteBytes),
        Duration.ofMillis(readWaitMillis),
        Duration.ofSeconds(joinWaitSeconds),
        maxForwardJumpTicks,
        new Retention(
            logKeepBytes,
            logMaxBytes,
            Duration.ofHours(logMaxAgeHours),
            Duration.ofMinutes(tombstoneMinutes)),
        Homes.parse(homes));
  }

  private Consistency consistency() {
    return switch (consistency.toLowerCase(Locale.ROOT)) {
      case "causal" -> Consistency.CAUSAL;
      case "eventual" -> Consistency.EVENTUAL;
      default ->
          throw new IllegalArgumentException(
              "the consistency is causal or eventual, not \"" + consistency + "\"");
    };
  }

  private Map<Integer, HostPort> peers() {
    var all = new HashMap<Integer, HostPort>();
    for (String entry : peers.split(",", -1)) {
      if (entry.isBlank()) {
        continue;
      }
      int equals = entry.indexOf('=');
      int peer;
      try {
        peer = Integer.parseInt(entry.substring(0, Math.max(0, equals)).strip());
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "a peer is written like 2=127.0.0.1:8101, not \"%s\"".formatted(entry.strip()), e);
      }
      if (all.put(peer, HostPort.parse(entry.substring(equals + 1).strip())) != null) {
        throw new IllegalArgumentException("peer " + peer + " is listed twice");
      }
    }
    return all;
  }

  private static void run(ReplicaConfig config) throws IOException {
    var server =
        new ReplicaServer(
            config,
            failure -> {
              if (failure instanceof DamagedDataException
                  || failure instanceof UnusableDataException) {
                LOG.error("{}", failure.getMessage());
              } else {
                LOG.error(
                    "the replica cannot go on, and stops; nothing acknowledged is lost", failure);
              }
              Runtime.getRuntime().halt(1);
            });
    LOG.info(
        "replica {} of cluster {}, {}: clients {}, peers {}, metrics {}, data {}",
        config.replicaId(),
        config.cluster(),
        config.consistency().toString().toLowerCase(Locale.ROOT),
        config.listen(),
        config.peerListen(),
        config.metricsListen() == null ? "nowhere" : config.metricsListen(),
        config.data());
    server.start();
    LOG.info("ready");
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  LOG.info("stopping");
                  server.stop();
                  LOG.info("stopped");
                  // A stop that was asked for is a success, whatever signal asked.
                  Runtime.getRuntime().halt(0);
                },
                "replica-" + config.replicaId() + "-stop"));
  }
}
