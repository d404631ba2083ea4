package dev.tidings.replica.link;

import dev.tidings.clock.VersionVector;
import dev.tidings.replica.storage.Identity;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.Hello;
import java.util.Set;
import java.util.TreeSet;

/** What both sides of a Replicate stream say first, and check of each other. */
public final class Handshake {
  /** A host's name has 253 characters at most. */
  private static final int MAX_ADDRESS = 300;

  private final Identity self;
  private final String clientAddress;
  private final Set<Integer> peers;

  /**
   * @param clientAddress where clients reach this replica
   * @param peers the ids of the other replicas
   */
  public Handshake(Identity self, String clientAddress, Set<Integer> peers) {
    this.self = self;
    this.clientAddress = clientAddress;
    this.peers = Set.copyOf(peers);
  }

  /** Our hello to a peer. */
  public Hello to(int replicaId, VersionVector held) {
    return Hello.newBuilder()
        .setFormatVersion(Wire.FORMAT_VERSION)
        .setCluster(self.cluster())
        .setConsistency(Wire.toProto(self.consistency()))
        .setOrigin(Wire.toProto(self.origin()))
        .setToReplicaId(replicaId)
        .setClientAddress(clientAddress)
        .setHeld(Wire.toProto(held))
        .build();
  }

  /**
   * @throws ClusterMismatchException if the speaker is not one to exchange writes with, or means
   *     someone else
   * @throws InvalidRequestException if the hello is malformed
   */
  public void check(Hello hello) {
    if (hello.getFormatVersion() != Wire.FORMAT_VERSION) {
      throw mismatch(
          "format version",
          Integer.toUnsignedString(hello.getFormatVersion()),
          Wire.FORMAT_VERSION);
    }
    if (!hello.getCluster().equals(self.cluster())) {
      throw mismatch("cluster", hello.getCluster(), self.cluster());
    }
    if (Wire.fromProto(hello.getConsistency()) != self.consistency()) {
      throw mismatch("consistency", Wire.fromProto(hello.getConsistency()), self.consistency());
    }
    if (hello.getToReplicaId() != self.origin().replicaId()) {
      throw new ClusterMismatchException(
          "this is replica %d, and %s was meant"
              .formatted(
                  self.origin().replicaId(), Integer.toUnsignedString(hello.getToReplicaId())));
    }
    int speaker = Wire.fromProto(hello.getOrigin()).replicaId();
    if (speaker == self.origin().replicaId()) {
      throw new ClusterMismatchException(
          "replica id %d is taken by this replica; each replica of a cluster has its own"
              .formatted(speaker));
    }
    if (!peers.contains(speaker)) {
      throw new ClusterMismatchException(
          "replica %d is not a peer of replica %d; its peers are %s"
              .formatted(speaker, self.origin().replicaId(), new TreeSet<>(peers)));
    }
    if (hello.getClientAddress().length() > MAX_ADDRESS) {
      throw new InvalidRequestException(
          "a client address has at most %d characters".formatted(MAX_ADDRESS));
    }
  }

  private static ClusterMismatchException mismatch(String what, Object theirs, Object ours) {
    return new ClusterMismatchException(
        "this replica's %s is %s, and the peer's is %s".formatted(what, ours, theirs));
  }
}
