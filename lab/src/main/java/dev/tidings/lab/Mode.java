package dev.tidings.lab;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How an experiment is run. */
enum Mode {
  /** A process for each host, over the real router. */
  @JsonProperty("processes")
  PROCESSES("a run of processes", 1_000),
  /** All hosts in one process, in real time. */
  @JsonProperty("in-process")
  IN_PROCESS("a run in one process", 10_000),
  /** In virtual time. */
  @JsonProperty("simulated")
  SIMULATED("a simulated run", 5_000_000);

  private final String words;
  private final int maxHosts;

  Mode(String words, int maxHosts) {
    this.words = words;
    this.maxHosts = maxHosts;
  }

  /** Says what it is, with an article. */
  String words() {
    return words;
  }

  int maxHosts() {
    return maxHosts;
  }
}
