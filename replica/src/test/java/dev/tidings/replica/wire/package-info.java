@NullMarked
package dev.tidings.replica.wire;

import org.jspecify.annotations.NullMarked;
