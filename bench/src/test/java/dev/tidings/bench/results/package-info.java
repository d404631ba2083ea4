/** What is made of figures. */
@NullMarked
package dev.tidings.bench.results;

import org.jspecify.annotations.NullMarked;
