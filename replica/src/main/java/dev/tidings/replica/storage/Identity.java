package dev.tidings.replica.storage;

import dev.tidings.causal.Consistency;
import dev.tidings.clock.Origin;

/** Whose data a directory holds. Decided when it is created, and never changed. */
public record Identity(String cluster, Origin origin, Consistency consistency) {}
