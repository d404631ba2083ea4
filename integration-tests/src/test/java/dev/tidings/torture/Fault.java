package dev.tidings.torture;

import java.util.List;

/** What the tormentor can do. */
enum Fault {
  /** SIGKILL, and started again on the same data. */
  KILL("kill -9", 200, 3_000),
  /** SIGKILL to all replicas at once, and started again. */
  KILL_ALL("kill -9 of all replicas at once", 100, 1_000),
  /** SIGTERM, and started again on the same data. */
  RESTART("restart", 0, 500),
  /** SIGSTOP, and later SIGCONT. */
  STOP("SIGSTOP", 500, 6_000),
  /** Connections of a link are reset, and new ones too. */
  CUT("cut of a link", 500, 12_000),
  /** As {@link #CUT}, of all links from and to one replica. */
  ISOLATE("cut of all links of a replica", 500, 6_000),
  /** Bytes on a link are late, and few at a time. */
  SLOW("slow link", 1_000, 12_000),
  /** What goes one way over a link is swallowed, and nobody is told. */
  HALF_OPEN("half-open link", 1_000, 20_000),
  /** Connections are reset, and new ones accepted and then left alone. */
  HANG("link that accepts and hangs", 1_000, 20_000),
  /** A replica's disk is filled to the last byte, and later there is space again. */
  FULL_DISK("full disk", 500, 5_000),
  /** SIGKILL, the data deleted, and started again on an empty directory. */
  WIPE("wiped disk", 200, 2_000);

  /** What the tormentor does unless it is told otherwise. */
  static final List<Fault> USUAL =
      List.of(KILL, KILL_ALL, RESTART, STOP, CUT, ISOLATE, SLOW, HALF_OPEN, HANG, FULL_DISK, WIPE);

  private final String words;
  private final int leastMillis;
  private final int mostMillis;

  Fault(String words, int leastMillis, int mostMillis) {
    this.words = words;
    this.leastMillis = leastMillis;
    this.mostMillis = mostMillis;
  }

  /** For people. */
  String words() {
    return words;
  }

  /** How long it lasts at least, until it is healed. */
  int leastMillis() {
    return leastMillis;
  }

  int mostMillis() {
    return mostMillis;
  }

  /** Whether it comes once in a while only: it touches much at a time, or loses data. */
  boolean isRare() {
    return this == KILL_ALL || this == ISOLATE || this == WIPE;
  }

  boolean isOfLink() {
    return this == CUT || this == SLOW || this == HALF_OPEN || this == HANG;
  }
}
