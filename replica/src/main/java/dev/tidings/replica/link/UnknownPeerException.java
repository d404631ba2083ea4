package dev.tidings.replica.link;

import java.util.Set;

/** There is no link to that replica. */
public final class UnknownPeerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnknownPeerException(int peerId, Set<Integer> peers) {
    super(
        "replica %s is not a peer of this one; its peers are %s"
            .formatted(Integer.toUnsignedString(peerId), peers));
  }
}
