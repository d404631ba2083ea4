@NullMarked
package dev.tidings.causal;

import org.jspecify.annotations.NullMarked;
