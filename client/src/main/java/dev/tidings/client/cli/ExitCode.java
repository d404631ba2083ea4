package dev.tidings.client.cli;

/** How the process ends. */
final class ExitCode {
  static final int OK = 0;

  /** A command was refused, or failed. */
  static final int REFUSED = 1;

  /** Options or a command were typed wrong. */
  static final int USAGE = 2;

  private ExitCode() {}
}
