package dev.tidings.replica;

/** A backup has ended before its last page. */
public final class BackupEndedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BackupEndedException(String why) {
    super("the backup has ended early: " + why + "; begin again");
  }
}
