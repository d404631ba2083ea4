package dev.tidings.client;

/** A register that has a value. */
public record KeyValue(Bytes key, Bytes value, WriteInfo writtenBy) {}
