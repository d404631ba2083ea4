package dev.tidings.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What all commands that run an experiment have alike: what they say, and how they fail. */
final class Running {
  private Running() {}

  /** Carries an experiment out in its directory, and returns what went wrong, a line each. */
  interface Way {
    List<String> run(Experiment experiment, Path directory)
        throws IOException, InterruptedException;
  }

  /**
   * @param experiment throws an IllegalArgumentException for what is not allowed
   * @return the exit code
   */
  static int run(CommandSpec spec, Supplier<Experiment> experiment, Path logs, Way way)
      throws InterruptedException {
    Experiment checked;
    try {
      checked = experiment.get();
      // Rates and such are checked where they are put together.
      checked.setup();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return guard(
        () -> {
          Path directory = RunDirectory.create(logs, checked);
          System.out.println(words(checked, directory));
          List<String> failures = way.run(checked, directory);
          failures.forEach(failure -> System.err.println("lab: " + failure));
          return failures.isEmpty() ? 0 : 1;
        });
  }

  /** Turns what fails into one line and the exit code 1. */
  static int guard(Callable<Integer> command) throws InterruptedException {
    try {
      return command.call();
    } catch (LabException e) {
      System.err.println("lab: " + e.getMessage());
      return 1;
    } catch (IOException e) {
      System.err.println("lab: cannot read or write: " + e.getMessage());
      return 1;
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static String words(Experiment experiment, Path directory) {
    var words = new StringBuilder();
    words.append(
        "%s: %,d hosts at %s ticks/s for %s s"
            .formatted(
                experiment.name(),
                experiment.hosts(),
                experiment.hosts() > 20 && !experiment.clockSpeeds().list().isEmpty()
                    ? "various"
                    : experiment.clockSpeeds(),
                experiment.runTime().toPlainString()));
    if (!experiment.linkDelay().equals("0ms")) {
      words.append(", link delay ").append(experiment.linkDelay());
    }
    if (experiment.loss() > 0) {
      words.append(", loss ").append(experiment.loss());
    }
    if (experiment.others() < experiment.hosts() - 1) {
      words.append(", each knows ").append(experiment.others());
    }
    if (experiment.tickJitter() > 0) {
      words.append(", tick jitter ").append(experiment.tickJitter());
    }
    return words.append(", seed %d; logs in %s".formatted(experiment.seed(), directory)).toString();
  }
}
