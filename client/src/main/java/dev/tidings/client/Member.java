package dev.tidings.client;

import dev.tidings.clock.Origin;
import java.util.Optional;

/**
 * A replica of the cluster, or one that was, as another replica sees it.
 *
 * @param origin as whom it lives now; empty if it was removed, or has not been seen yet
 * @param removed whether it belongs to the cluster no longer
 * @param peerAddress HOST:PORT where that replica reaches it; empty where it was removed
 */
public record Member(int replicaId, Optional<Origin> origin, boolean removed, String peerAddress) {}
