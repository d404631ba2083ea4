package dev.tidings.replica;

import dev.tidings.replica.storage.LogCutException;

/**
 * The data as they were at a moment are kept no longer; or what came after a watch's moment is
 * visible, but not in the logs, and cannot be told any more.
 */
public final class MomentNotKeptException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MomentNotKeptException(String message) {
    super(message);
  }

  MomentNotKeptException(LogCutException e) {
    super(
        "the watch's moment is no longer kept here: %s; go on at another replica, or read anew and watch from now on"
            .formatted(e.getMessage()),
        e);
  }
}
