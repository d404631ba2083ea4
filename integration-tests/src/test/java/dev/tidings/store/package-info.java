/** What the causal store promises, shown on whole clusters. */
@NullMarked
package dev.tidings.store;

import org.jspecify.annotations.NullMarked;
