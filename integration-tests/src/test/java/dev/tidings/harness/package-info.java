/**
 * Replicas and clients in one JVM, on one thread, over in-process gRPC and on virtual time: tests
 * state the delays, step the clock, and sleep nowhere. The code under test is the very same as in a
 * server, but for the loop, the disk and the transport.
 */
@NullMarked
package dev.tidings.harness;

import org.jspecify.annotations.NullMarked;
