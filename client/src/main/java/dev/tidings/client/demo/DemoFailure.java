package dev.tidings.client.demo;

/** The play could not be played to its end. The message is one line, for people. */
final class DemoFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DemoFailure(String message) {
    super(message);
  }
}
