package dev.tidings.client.history;

/** How a history is written down. Each is described in {@code docs/history-format.md}. */
public enum HistoryFormat {
  /** Ours: JSON Lines that say everything that a {@link dev.tidings.history.History} knows. */
  TIDINGS,
  /** The text format of Plume: one operation a line, all integers. */
  PLUME,
  /** The JSON of dbcop: sessions of transactions of events, all integers. */
  DBCOP
}
