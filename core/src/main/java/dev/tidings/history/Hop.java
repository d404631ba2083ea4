package dev.tidings.history;

/**
 * One step from a group to another.
 *
 * @param from the group before
 * @param to the group after
 */
record Hop(Kind kind, int from, int to) {
  enum Kind {
    /** The same session did it later; any number of groups later. */
    SESSION,
    /** It read what the other wrote. */
    READ,
    /** It was read although the other was known: so it must be the newer write. */
    NEWER,
    /** It has the next higher version of a key. */
    VERSION
  }
}
