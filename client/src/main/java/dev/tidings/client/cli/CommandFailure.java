package dev.tidings.client.cli;

/** A command did not do what it was asked to. The message is one line, for people. */
final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private CommandFailure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** It was typed wrong. */
  static CommandFailure usage(String message) {
    return new CommandFailure(ExitCode.USAGE, message);
  }

  /** It was refused, or failed. */
  static CommandFailure refused(String message) {
    return new CommandFailure(ExitCode.REFUSED, message);
  }

  /** A condition does not hold; nothing was written. */
  static CommandFailure conditionFailed(String message) {
    return new CommandFailure(ExitCode.CONDITION_FAILED, message);
  }

  /** What was to be read is not kept, or not there. */
  static CommandFailure momentNotKept(String message) {
    return new CommandFailure(ExitCode.MOMENT_NOT_KEPT, message);
  }

  /** The same, of a part of what was to be done. */
  CommandFailure of(String part) {
    return new CommandFailure(exitCode, part + ": " + getMessage());
  }

  int exitCode() {
    return exitCode;
  }
}
