@NullMarked
package dev.tidings.clock;

import org.jspecify.annotations.NullMarked;
