package dev.tidings.client;

/** How much a server logs: each level logs what those before it do, and more. */
public enum LogLevel {
  OFF,
  ERROR,
  WARN,
  INFO,
  DEBUG,
  TRACE
}
