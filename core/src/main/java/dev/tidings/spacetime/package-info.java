/**
 * Space-time diagrams: what happened where and when, and what told whom (Lamport 1978, figure 1).
 *
 * <p>{@link dev.tidings.spacetime.SpaceTime} is the model; its vector clocks follow from the
 * messages. {@link dev.tidings.spacetime.SpaceTimeSvg} draws it, and {@link
 * dev.tidings.spacetime.ShiVizLog} writes it for the ShiViz viewer. All of it is pure: text comes
 * out, and callers put it where they want it.
 */
@NullMarked
package dev.tidings.spacetime;

import org.jspecify.annotations.NullMarked;
