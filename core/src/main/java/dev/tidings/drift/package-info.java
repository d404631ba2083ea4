/**
 * The drift laboratory's rules: what a host does at a tick, when its ticks are due, and who gets
 * what it sends.
 *
 * <p>{@link dev.tidings.drift.DriftHost} is the experiment itself. Time and chance are its
 * parameters, so the same host runs as a process over the real router, in real time, or in virtual
 * time.
 */
@NullMarked
package dev.tidings.drift;

import org.jspecify.annotations.NullMarked;
