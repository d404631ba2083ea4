package dev.tidings.history;

/**
 * What can be wrong with a history. The first five are the bad patterns of Bouajjani, Enea,
 * Guerraoui and Hamza (POPL 2017), which say "causally before" for "before in a session, or read
 * from, over any number of steps"; those of atomic groups follow Biswas and Enea (OOPSLA 2019).
 * Those of objects say that no updates that a reader may have seen come to what it read.
 */
public enum Pattern {
  /** Something is causally before itself. */
  CYCLIC_CO("CyclicCO"),
  /** A read of the initial value, although a write of the key is causally before it. */
  WRITE_CO_INIT_READ("WriteCOInitRead"),
  /** A read of what nobody wrote. */
  THIN_AIR_READ("ThinAirRead"),
  /** A read from a write, although another write of the key is causally between the two. */
  WRITE_CO_READ("WriteCORead"),
  /** The reads allow no one order of the writes of each key that agrees with causality. */
  CYCLIC_CF("CyclicCF"),
  /** A read of a write that did not happen. */
  ABORTED_READ("AbortedRead"),
  /** A read of one part of an atomic group, together with something older than another part. */
  HALF_READ("HalfRead"),
  /** A group wrote a key, and then read something else there. */
  OWN_WRITE_READ("OwnWriteRead"),
  /** A read of a value that the writing group itself replaced. */
  INTERMEDIATE_READ("IntermediateRead"),
  /** A group read what it wrote only later. */
  FUTURE_READ("FutureRead"),
  /** A group read a key twice, and saw two different writes. */
  NON_REPEATABLE_READ("NonRepeatableRead"),
  /** One version stands for two writes of a key, or one write was seen at two versions. */
  VERSION_CLASH("VersionClash"),
  /** An object's reading lacks an update that is causally before it. */
  MISSING_UPDATE("MissingUpdate"),
  /** An object's reading has what was undone by an update that is before the reading. */
  UNDONE_READ("UndoneRead"),
  /** A counter that is no sum of the increments that its reader may have seen. */
  WRONG_COUNT("WrongCount"),
  /** One update was read twice. */
  DOUBLE_READ("DoubleRead"),
  /** A feed's entries out of order. */
  FEED_ORDER("FeedOrder"),
  /** At the end, a replica holds something older than an acknowledged write, or lacks one. */
  LOST_WRITE("LostWrite"),
  /** At the end, two replicas hold different things. */
  DIVERGED("Diverged");

  private final String words;

  Pattern(String words) {
    this.words = words;
  }

  /** Its name in the literature, where it has one. */
  public String words() {
    return words;
  }
}
