package dev.tidings.replica;

import dev.tidings.causal.Progress;
import java.util.OptionalLong;

/**
 * How a replica stood at the end of a round of its loop.
 *
 * @param progress what was durable
 * @param stalledTotal how many writes were ever stalled since the replica started
 * @param oldestStalledMicros when the first of those stalled now arrived, by the loop's clock
 * @param waiting requests that wait for visibility
 * @param waitingForAcks writes that are durable here and wait for other replicas
 */
record Standing(
    Progress progress,
    long stalledTotal,
    OptionalLong oldestStalledMicros,
    int waiting,
    int waitingForAcks) {}
