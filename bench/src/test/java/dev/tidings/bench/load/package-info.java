/** Loads on a time of their own. */
@NullMarked
package dev.tidings.bench.load;

import org.jspecify.annotations.NullMarked;
