package dev.tidings.replica.wire;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Write;

/**
 * A write as a peer has sent it.
 *
 * @param message the encoded message, which this replica's log keeps, and sends on, as it came
 */
public record EncodedWrite(Write write, Bytes message) {}
