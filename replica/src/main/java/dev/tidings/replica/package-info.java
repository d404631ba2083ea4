/**
 * One data center: {@link dev.tidings.replica.Replica} drives the pure core from one event loop,
 * and storage, links and the gRPC edge surround it.
 */
@NullMarked
package dev.tidings.replica;

import org.jspecify.annotations.NullMarked;
