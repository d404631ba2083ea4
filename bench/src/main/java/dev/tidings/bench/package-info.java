/**
 * Measurements: JMH for the inner parts, whole processes for the rest. {@code docs/performance.md}
 * explains and shows them.
 */
@NullMarked
package dev.tidings.bench;

import org.jspecify.annotations.NullMarked;
