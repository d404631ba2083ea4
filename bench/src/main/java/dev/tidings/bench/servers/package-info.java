/**
 * Servers as processes of their own, ours and others': started on free ports of the loopback with
 * fresh data, and ended with the bench.
 */
@NullMarked
package dev.tidings.bench.servers;

import org.jspecify.annotations.NullMarked;
