/** Real processes on real ports. */
@NullMarked
package dev.tidings.process;

import org.jspecify.annotations.NullMarked;
