package dev.tidings.replica;

import dev.tidings.clock.Origin;
import java.util.Optional;

/**
 * A replica of the cluster, or one that was.
 *
 * @param origin as whom it lives now; empty if it was removed, or has not been seen yet
 * @param peerAddress where this replica reaches it; empty for one that was removed
 */
public record MemberStatus(
    int replicaId, Optional<Origin> origin, boolean removed, String peerAddress) {}
