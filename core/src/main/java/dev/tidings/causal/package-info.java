/**
 * What a replica decides: which position and version a write gets, what it depends on, and when it
 * becomes visible.
 *
 * <p>{@link dev.tidings.causal.CausalReplica} is the pure state machine: inputs in, {@link
 * dev.tidings.causal.Effect effects} out. It is confined to its owner's thread; the rest are
 * immutable values.
 */
@NullMarked
package dev.tidings.causal;

import org.jspecify.annotations.NullMarked;
