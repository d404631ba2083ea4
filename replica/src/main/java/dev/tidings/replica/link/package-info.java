/**
 * The ways from this replica to its peers: a cursor over its own log for each, behind a link that
 * may be simulated.
 */
@NullMarked
package dev.tidings.replica.link;

import org.jspecify.annotations.NullMarked;
