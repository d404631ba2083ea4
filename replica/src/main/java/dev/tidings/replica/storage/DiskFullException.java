package dev.tidings.replica.storage;

/** There is too little space to write. Nothing has changed; what is stored can still be read. */
public final class DiskFullException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DiskFullException() {
    super("the replica's disk is full; it goes on as soon as there is space");
  }
}
