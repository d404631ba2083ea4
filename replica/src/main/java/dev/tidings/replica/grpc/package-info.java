/**
 * The gRPC edge: takes requests apart, checks them, hands them over, and puts answers together. No
 * decisions.
 */
@NullMarked
package dev.tidings.replica.grpc;

import org.jspecify.annotations.NullMarked;
