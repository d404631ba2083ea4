@NullMarked
package dev.tidings.history;

import org.jspecify.annotations.NullMarked;
