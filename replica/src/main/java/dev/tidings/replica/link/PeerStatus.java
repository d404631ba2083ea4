package dev.tidings.replica.link;

/**
 * How the link to a peer stands.
 *
 * @param clientAddress where clients reach the peer, as it told; empty until then
 * @param acknowledged how far into our log the peer holds it
 */
public record PeerStatus(
    int replicaId,
    String peerAddress,
    String clientAddress,
    boolean connected,
    long acknowledged,
    LinkSettings settings) {}
