package dev.tidings.replica.storage;

/** The kinds of objects that have names, in the order in which a map shows its fields. */
public enum Kind {
  REGISTER,
  MULTI,
  COUNTER,
  SET,
  FEED
}
