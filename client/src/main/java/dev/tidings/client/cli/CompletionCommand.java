package dev.tidings.client.cli;

import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bin/client completion}: what a shell needs to complete commands and options. */
@Command(
    description = "Print what bash and zsh need to complete commands and options.",
    footer = {
      "",
      "For example:",
      "  source <(bin/client completion)            typed, or in ~/.bashrc or ~/.zshrc"
    })
final class CompletionCommand implements StandaloneCommand {
  /** A shell that knows no command by its whole path looks for its name. */
  private static final String NAME = "client";

  @Spec private @Nullable CommandSpec spec;

  @Override
  public int run(PrintWriter out, PrintWriter errors) {
    out.print(AutoComplete.bash(NAME, Objects.requireNonNull(spec).root().commandLine()));
    out.flush();
    return ExitCode.OK;
  }
}
