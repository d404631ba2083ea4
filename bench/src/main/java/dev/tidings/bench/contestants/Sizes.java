package dev.tidings.bench.contestants;

/** How many bytes our messages of a load have, for an echo of the same size. */
public record Sizes(int request, int response) {}
