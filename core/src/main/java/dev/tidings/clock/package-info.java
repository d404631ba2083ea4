/**
 * Logical time: what orders events without a common wall clock.
 *
 * <p>{@link dev.tidings.clock.LamportClock} gives the store its versions, {@link
 * dev.tidings.clock.VersionVector} and {@link dev.tidings.clock.PositionSet} say which writes are
 * known, {@link dev.tidings.clock.VectorClock} tells which events of a drift experiment are
 * concurrent, and {@link dev.tidings.clock.HybridClock} stays close to system time. Clocks that
 * change are confined to their owner's thread; everything else here is an immutable value.
 */
@NullMarked
package dev.tidings.clock;

import org.jspecify.annotations.NullMarked;
