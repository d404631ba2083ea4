package dev.tidings.replica.storage;

/**
 * What the disk holds is not what was written to it. The replica must not go on; the text says
 * where, and what to do.
 */
public final class DamagedDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DamagedDataException(String where, Throwable cause) {
    super(words(where), cause);
  }

  public DamagedDataException(String where) {
    super(words(where));
  }

  private static String words(String where) {
    return ("DATA_LOSS: %s. Mend the disk, and put a copy of the data back that is known to be good; or move the"
            + " directory away, and the replica begins anew")
        .formatted(where);
  }
}
