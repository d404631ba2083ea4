package dev.tidings.lab;

import dev.tidings.drift.DriftSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;

/**
 * A router process and a process for each host, from start to end. None of them outlives this one.
 */
final class ProcessRun {
  private static final long LOOK_MILLIS = 100;
  private static final long STOP_SECONDS = 3;
  private static final int TOLD_LINES = 5;

  private final Experiment experiment;
  private final Path directory;
  private final double timeScale;
  private final int routerPort;
  private final Path home;
  private final List<Process> children = new ArrayList<>();

  ProcessRun(Experiment experiment, Path directory, int routerPort) {
    this.experiment = experiment;
    this.timeScale = experiment.scale();
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
              List.of("--listen", address, "--hosts", Integer.toString(experiment.hosts())));
      List<Process> hosts = new ArrayList<>();
      for (int id = 1; id <= experiment.hosts(); id++) {
        hosts.add(start(outputs.resolve("host-" + id), "client", hostArguments(id, address)));
      }
      return awaitAll(hosts, router, routerLog, outputs);
    } finally {
      destroyAll();
      Runtime.getRuntime().removeShutdownHook(hook);
      deleteAll(outputs);
    }
  }

  private List<String> hostArguments(int id, String router) {
    DriftSetup setup = experiment.setup();
    var arguments = new ArrayList<String>();
    arguments.addAll(List.of("--role", "host", "--router", router));
    arguments.addAll(List.of("--experiment", experiment.name()));
    arguments.addAll(List.of("--id", Integer.toString(id)));
    arguments.addAll(List.of("--hosts", Integer.toString(experiment.hosts())));
    arguments.addAll(List.of("--ticks-per-second", Double.toString(setup.rate(id))));
    arguments.addAll(List.of("--prob-internal", Double.toString(setup.probInternal(id))));
    arguments.addAll(List.of("--run-time", experiment.runTime().toPlainString()));
    arguments.addAll(List.of("--seed", Long.toString(experiment.seed())));
    arguments.addAll(List.of("--link-delay", experiment.linkDelay()));
    arguments.addAll(List.of("--loss", Double.toString(experiment.loss())));
    arguments.addAll(List.of("--others", Integer.toString(experiment.others())));
    arguments.addAll(List.of("--tick-jitter", Double.toString(experiment.tickJitter())));
    arguments.addAll(List.of("--start", Double.toString(setup.startNanos(id) / 1e9)));
    if (experiment.timeScale() != null) {
      arguments.addAll(List.of("--time-scale", experiment.timeScale().toPlainString()));
    }
    String command = experiment.hostCommand(id);
    if (command != null) {
      arguments.addAll(List.of("--host", command));
    }
    arguments.addAll(List.of("--log", directory.resolve("host-" + id + ".jsonl").toString()));
    return arguments;
  }

  private Process start(Path output, String program, List<String> arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(home.resolve("bin").resolve(program).toString());
    command.addAll(arguments);
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
    var clock = new RunClock(timeScale, RunClock.Machine.REAL);
    long total = experiment.runDuration().toMillis();
    try (ProgressBar bar = Bars.seconds("run", total)) {
      while (!running.isEmpty()) {
        failures.addAll(look(hosts, running, router, routerLog, outputs));
        bar.stepTo(Math.min(total, clock.now() / 1_000_000));
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
