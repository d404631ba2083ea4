/**
 * How load is made: clients without threads, in closed loops or at a fixed rate. The same for all
 * systems that are measured.
 */
@NullMarked
package dev.tidings.bench.load;

import org.jspecify.annotations.NullMarked;
