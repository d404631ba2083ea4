@NullMarked
package dev.tidings.replica;

import org.jspecify.annotations.NullMarked;
