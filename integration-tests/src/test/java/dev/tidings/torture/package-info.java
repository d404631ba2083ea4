/**
 * {@code make torture}: real replica processes, real faults, sessions that record what they see,
 * and a verdict.
 *
 * <p>{@link dev.tidings.torture.Plan} decides what is done to whom and when, by a seed; {@link
 * dev.tidings.torture.Tormentor} does it to a {@link dev.tidings.torture.TorturedCluster}, while
 * {@link dev.tidings.torture.Workload} reads and writes; {@link dev.tidings.torture.Ending} is what
 * is there when all is healed, and {@link dev.tidings.torture.Verdict} judges that.
 */
@NullMarked
package dev.tidings.torture;

import org.jspecify.annotations.NullMarked;
