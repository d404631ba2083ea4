package dev.tidings.client;

/**
 * A field of a map. Two fields may have one name, if they are of different types.
 *
 * @param content of a set or a feed its first page
 */
public record MapField(Bytes name, Content content) {}
