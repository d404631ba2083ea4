package dev.tidings.router;

import dev.tidings.server.ServerCommand;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/router}: parses, starts, and stops on a signal. */
@Command(
    name = "router",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = "Runs the drift laboratory's router.",
    footer = {
      "",
      "There is no TLS and no authentication yet: whoever reaches the port may use it.",
      "",
      "Example: bin/router --hosts 3, and then three times",
      "  bin/client --role host --id N --router 127.0.0.1:8200 --ticks-per-second R"
    })
public final class RouterMain implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(RouterMain.class);

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Option(
      names = "--listen",
      defaultValue = "127.0.0.1:8200",
      paramLabel = "HOST:PORT",
      description = "Where hosts are served. Default: ${DEFAULT-VALUE}.")
  private String listen = "";

  @Option(
      names = "--metrics-listen",
      paramLabel = "HOST:PORT",
      description = "Where Prometheus reads metrics, at /metrics. Default: nowhere.")
  private @Nullable String metricsListen;

  @Option(
      names = "--hosts",
      defaultValue = "3",
      paramLabel = "N",
      description =
          "How many hosts a run waits for, where they do not say. Default: ${DEFAULT-VALUE}.")
  private int hosts;

  @Option(
      names = "--queue",
      defaultValue = "10000",
      paramLabel = "MESSAGES",
      description =
          "How many messages wait for one host at most; a host that lets more pile up is dropped. Default: ${DEFAULT-VALUE}.")
  private int queue;

  RouterMain() {}

  /** Exits 0 after a signal, 1 if the router cannot run, 2 for a bad command line. */
  public static void main(String[] args) {
    int code = ServerCommand.run(ServerCommand.of(new RouterMain()), args);
    if (code != 0) {
      System.exit(code);
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    RouterServer server;
    try {
      server =
          new RouterServer(
              address(listen),
              metricsListen == null ? null : address(metricsListen),
              new RouteService(hosts, queue));
    } catch (IllegalArgumentException e) {
      if (spec == null) {
        throw e;
      }
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    try {
      server.start();
    } catch (IOException e) {
      LOG.error("{}", e.getMessage());
      return 1;
    }
    LOG.info(
        "router: serving hosts on {}, metrics {}",
        listen,
        metricsListen == null ? "nowhere" : metricsListen);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    server.stop();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  LOG.info("router: stopped");
                  // A stop that was asked for is a success, whatever signal asked.
                  Runtime.getRuntime().halt(0);
                },
                "router-stop"));
    server.awaitStop();
    return 0;
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    try {
      return new InetSocketAddress(
          text.substring(0, Math.max(0, colon)), Integer.parseInt(text.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "an address is HOST:PORT, such as 127.0.0.1:8200, not \"%s\"".formatted(text), e);
    }
  }
}
