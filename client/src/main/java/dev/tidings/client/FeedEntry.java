package dev.tidings.client;

/** One entry of a feed. */
public record FeedEntry(Bytes value, WriteInfo writtenBy) {}
