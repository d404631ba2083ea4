/**
 * Between the core's types and those of the wire and of the disk, in both directions, checking what
 * comes in.
 */
@NullMarked
package dev.tidings.replica.wire;

import org.jspecify.annotations.NullMarked;
