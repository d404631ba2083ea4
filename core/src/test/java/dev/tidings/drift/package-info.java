/** Tests of the drift laboratory's rules. */
@NullMarked
package dev.tidings.drift;

import org.jspecify.annotations.NullMarked;
