package dev.tidings.replica.link;

import dev.tidings.causal.TimeTable;
import dev.tidings.clock.Origin;
import dev.tidings.replica.Homes;
import dev.tidings.replica.storage.Identity;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.Hello;

/**
 * What both sides of a Replicate stream say first, and check of each other. Whether the speaker
 * belongs to the cluster is the replica's to say.
 */
public final class Handshake {
  private final Identity self;
  private final String clientAddress;
  private final Homes homes;

  /**
   * @param clientAddress where clients reach this replica
   */
  public Handshake(Identity self, String clientAddress, Homes homes) {
    this.self = self;
    this.clientAddress = clientAddress;
    this.homes = homes;
  }

  /** Our hello to a peer. */
  public Hello to(int replicaId, TimeTable.Row standing) {
    return Hello.newBuilder()
        .setFormatVersion(Wire.FORMAT_VERSION)
        .setCluster(self.cluster())
        .setConsistency(Wire.toProto(self.consistency()))
        .setOrigin(Wire.toProto(self.origin()))
        .setToReplicaId(replicaId)
        .setClientAddress(clientAddress)
        .setStanding(Wire.toProto(self.origin(), standing))
        .setHomes(homes.toString())
        .build();
  }

  /**
   * Who speaks.
   *
   * @throws ClusterMismatchException if the speaker is not one to exchange writes with, or means
   *     someone else
   * @throws InvalidRequestException if the hello is malformed
   */
  public Origin check(Hello hello) {
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
    if (!hello.getHomes().equals(homes.toString())) {
      throw mismatch("list of homes", quoted(hello.getHomes()), quoted(homes.toString()));
    }
    if (hello.getToReplicaId() != self.origin().replicaId()) {
      throw new ClusterMismatchException(
          "this is replica %d, and %s was meant"
              .formatted(
                  self.origin().replicaId(), Integer.toUnsignedString(hello.getToReplicaId())));
    }
    Origin speaker = Wire.fromProto(hello.getOrigin());
    if (speaker.replicaId() == self.origin().replicaId()) {
      throw new ClusterMismatchException(
          "replica id %d is taken by this replica; each replica of a cluster has its own"
              .formatted(speaker.replicaId()));
    }
    if (hello.getClientAddress().length() > Wire.MAX_ADDRESS) {
      throw new InvalidRequestException(
          "a client address has at most %d characters".formatted(Wire.MAX_ADDRESS));
    }
    if (hello.hasStanding() && !Wire.fromProto(hello.getStanding().getOf()).equals(speaker)) {
      throw new InvalidRequestException("a hello tells of the speaker's own standing");
    }
    return speaker;
  }

  private static String quoted(String homes) {
    return homes.length() <= 100 ? '"' + homes + '"' : '"' + homes.substring(0, 100) + "…\"";
  }

  private static ClusterMismatchException mismatch(String what, Object theirs, Object ours) {
    return new ClusterMismatchException(
        "this replica's %s is %s, and the peer's is %s".formatted(what, ours, theirs));
  }
}
