package dev.tidings.client.cli;

import dev.tidings.client.TidingsException;

/** How the process ends. */
final class ExitCode {
  static final int OK = 0;

  /** A command was refused, or failed. */
  static final int REFUSED = 1;

  /** Options or a command were typed wrong. */
  static final int USAGE = 2;

  /** Of one command on the command line that reads a value: there is none. */
  static final int ABSENT = 4;

  /** Of a write with a condition: it does not hold, and nothing was written. */
  static final int CONDITION_FAILED = 5;

  /** Of a write without a definite answer: it may have happened, or may yet happen. */
  static final int UNKNOWN = 6;

  /** A moment, or what follows it, is not kept any more; it has to be read anew. */
  static final int MOMENT_NOT_KEPT = 7;

  /** Of {@code check}: a history is not causal. */
  static final int NOT_CAUSAL = 1;

  /** Of {@code check} and {@code convert}: a file is not what it should be. */
  static final int BAD_INPUT = 2;

  /** Of {@code check} and {@code convert}: anything else. */
  static final int FAILED = 3;

  private ExitCode() {}

  static int of(TidingsException e) {
    if (e.outcomeUnknown()) {
      return UNKNOWN;
    }
    return switch (e.reason()) {
      case CONDITION_FAILED -> CONDITION_FAILED;
      case MOMENT_NOT_KEPT -> MOMENT_NOT_KEPT;
      default -> REFUSED;
    };
  }
}
