package dev.tidings.client.cli;

/** How the process ends. */
final class ExitCode {
  static final int OK = 0;

  /** A command was refused, or failed. */
  static final int REFUSED = 1;

  /** Options or a command were typed wrong. */
  static final int USAGE = 2;

  /** Of {@code check}: a history is not causal. */
  static final int NOT_CAUSAL = 1;

  /** Of {@code check} and {@code convert}: a file is not what it should be. */
  static final int BAD_INPUT = 2;

  /** Of {@code check} and {@code convert}: anything else. */
  static final int FAILED = 3;

  private ExitCode() {}
}
