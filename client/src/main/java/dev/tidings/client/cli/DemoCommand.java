package dev.tidings.client.cli;

import dev.tidings.client.ReplicaStatus.Consistency;
import dev.tidings.client.demo.RingDemo;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bin/client demo}: starts replicas of its own. */
@Command(description = "Play the wedding ring over three replicas, and judge what they showed.")
final class DemoCommand implements StandaloneCommand {
  @Option(
      names = "--consistency",
      paramLabel = "MODE",
      description = "causal or eventual. Default: ${DEFAULT-VALUE}.",
      defaultValue = "causal")
  private Consistency consistency = Consistency.CAUSAL;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where ring.svg and ring.shiviz.log are put. Default: here.",
      defaultValue = "")
  private Path out = Path.of("");

  @Option(names = "--verbose", description = "Show the replicas' logs at the end.")
  private boolean verbose;

  @Override
  public int run(PrintWriter output, PrintWriter errors) {
    String home = System.getProperty("tidings.home");
    if (home == null) {
      throw CommandFailure.refused("the demo is started by bin/client demo, or make demo");
    }
    return RingDemo.play(
        new RingDemo.Options(Path.of(home), consistency, out, verbose), output, errors);
  }
}
