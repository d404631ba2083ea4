package dev.tidings.client;

import java.io.IOException;

/** A file is not a backup that can be restored. The message names it and says why, in one line. */
public final class BadBackupException extends IOException {
  private static final long serialVersionUID = 1L;

  BadBackupException(String message) {
    super(message);
  }
}
