package dev.tidings.client.cli;

import java.io.PrintWriter;

/** A command that has no session, and so is no part of a conversation. */
interface StandaloneCommand {
  /** Whether it asks replicas, so that {@code --timeout} means something to it. */
  default boolean connects() {
    return false;
  }

  /**
   * Returns the exit code.
   *
   * @throws CommandFailure if it could not be done
   */
  int run(PrintWriter out, PrintWriter errors);
}
