/**
 * Who takes part: our store and router, others' of the same kind, and gRPC itself, each with the
 * lightest client that does what a real one has to do.
 */
@NullMarked
package dev.tidings.bench.contestants;

import org.jspecify.annotations.NullMarked;
