/** Whole clusters in virtual time under faults, each run decided by its seed. */
@NullMarked
package dev.tidings.simulation;

import org.jspecify.annotations.NullMarked;
