package dev.tidings.replica;

/**
 * Takes commits off the loop's hands: while one is written, the loop decides what the next will
 * hold.
 */
public interface Committer {
  /**
   * Runs a commit on another thread, or does nothing. One commit at a time is on its way.
   *
   * @param writes how many it has
   * @return whether it will be run; if not, the loop does it
   */
  boolean offer(int writes, Runnable commit);
}
