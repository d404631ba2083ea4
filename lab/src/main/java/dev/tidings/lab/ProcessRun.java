package dev.tidings.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A router process and a process for each host, from start to end. None of them outlives this one.
 */
final class ProcessRun {
  private static final long LOOK_MILLIS = 100;
  private static final long STOP_SECONDS = 3;
  private static final int TOLD_LINES = 5;

  private final Experiment experiment;
  private final Path directory;
  private final int routerPort;
  private final Path home;
  private final List<Process> children = new ArrayList<>();

  ProcessRun(Experiment experiment, Path directory, int routerPort) {
    this.experiment = experiment;
    this.directory = directory;
    this.routerPort = routerPort;
    this.home = Path.of(System.getProperty("tidings.home", "."));
  }

  /**
   * Runs to the end. A host that fails during the run does not stop the others.
   *
   * @return what became of the hosts that failed, a line each; empty if all went well
   * @throws LabException if the router fails, or a host before the run begins; with its last lines
   */
  List<String> run() throws IOException, InterruptedException {
    var hook = new Thread(this::destroyAll, "lab-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    Path outputs = Files.createTempDirectory("tidings-lab");
    try {
      String address = "127.0.0.1:" + routerPort;
      Path routerLog = directory.resolve("router.log");
      Process router =
          start(
              routerLog,
              "router",
              "--listen",
              address,
              "--hosts",
              Integer.toString(experiment.hosts()));
      List<Process> hosts = new ArrayList<>();
      for (int id = 1; id <= experiment.hosts(); id++) {
        hosts.add(
            start(
                outputs.resolve("host-" + id),
                "client",
                "--role",
                "host",
                "--id",
                Integer.toString(id),
                "--router",
                address,
                "--ticks-per-second",
                experiment.clockSpeeds().get(id - 1).toPlainString(),
                "--experiment",
                experiment.name(),
                "--hosts",
                Integer.toString(experiment.hosts()),
                "--prob-internal",
                Double.toString(experiment.probInternal()),
                "--run-time",
                experiment.runTime().toPlainString(),
                "--seed",
                Long.toString(experiment.seed()),
                "--log",
                directory.resolve("host-" + id + ".jsonl").toString()));
      }
      return awaitAll(hosts, router, routerLog, outputs);
    } finally {
      destroyAll();
      Runtime.getRuntime().removeShutdownHook(hook);
      deleteAll(outputs);
    }
  }

  private Process start(Path output, String program, String... arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(home.resolve("bin").resolve(program).toString());
    command.addAll(List.of(arguments));
    Process child =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    synchronized (children) {
      children.add(child);
    }
    child.getOutputStream().close();
    return child;
  }

  private List<String> awaitAll(List<Process> hosts, Process router, Path routerLog, Path outputs)
      throws IOException, InterruptedException {
    var running = new ArrayList<>(hosts);
    while (!running.isEmpty() && !hasBegun()) {
      List<String> failures = look(hosts, running, router, routerLog, outputs);
      if (!failures.isEmpty()) {
        throw new LabException(failures.get(0));
      }
    }
    var failures = new ArrayList<String>();
    // The bar begins with the run, or its estimate of the time left would count the start of the
    // processes.
    long start = System.nanoTime();
    long total = experiment.runDuration().toMillis();
    try (ProgressBar bar = bar(total)) {
      while (!running.isEmpty()) {
        failures.addAll(look(hosts, running, router, routerLog, outputs));
        bar.stepTo(Math.min(total, (System.nanoTime() - start) / 1_000_000));
      }
      bar.stepTo(total);
    }
    return failures;
  }

  /**
   * Waits a moment, takes the hosts that have ended off the list of the running ones, and tells
   * which of them failed.
   */
  private static List<String> look(
      List<Process> hosts, List<Process> running, Process router, Path routerLog, Path outputs)
      throws IOException, InterruptedException {
    running.get(0).waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS);
    if (!router.isAlive() && running.stream().anyMatch(Process::isAlive)) {
      throw new LabException("the router ended: " + lastLines(routerLog));
    }
    var failures = new ArrayList<String>();
    for (Process host : List.copyOf(running)) {
      if (!host.isAlive()) {
        running.remove(host);
        int id = hosts.indexOf(host) + 1;
        if (host.exitValue() != 0) {
          failures.add(
              "host %d failed with exit code %d: %s"
                  .formatted(id, host.exitValue(), lastLines(outputs.resolve("host-" + id))));
        }
      }
    }
    return failures;
  }

  private static ProgressBar bar(long totalMillis) {
    var builder =
        new ProgressBarBuilder()
            .setTaskName("run")
            .setInitialMax(totalMillis)
            .setUnit(" s", 1_000)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(200);
    if (!Boolean.getBoolean("tidings.terminal")) {
      // A file or a pipe gets no bar, which would be a line of its own for each step.
      builder.setConsumer(new NoBar());
    }
    return builder.build();
  }

  private boolean hasBegun() throws IOException {
    Path first = directory.resolve("host-1.jsonl");
    return Files.exists(first) && Files.size(first) > 0;
  }

  private static String lastLines(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    return String.join(
        System.lineSeparator(),
        lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size()));
  }

  private void destroyAll() {
    List<Process> all;
    synchronized (children) {
      all = List.copyOf(children);
    }
    all.forEach(Process::destroy);
    for (Process child : all) {
      try {
        if (!child.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
          child.destroyForcibly();
        }
      } catch (InterruptedException e) {
        child.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void deleteAll(Path outputs) throws IOException {
    try (var files = Files.newDirectoryStream(outputs)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(outputs);
  }
}
