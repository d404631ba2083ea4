package dev.tidings.client.cli;

import dev.tidings.client.ReplicaStatus;
import dev.tidings.client.ReplicaStatus.Link;
import dev.tidings.client.ReplicaStatus.Peer;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The members of a cluster, by what one of them knows of the others. */
final class SeenCluster {
  private final Conversation conversation;
  private final int first;

  /** By replica id; an empty address is one that is not known yet. */
  private final Map<Integer, String> addresses = new TreeMap<>();

  /** What has been answered already. */
  private final Map<Integer, ReplicaStatus> statuses = new TreeMap<>();

  private SeenCluster(Conversation conversation, String address, ReplicaStatus status) {
    this.conversation = conversation;
    this.first = status.origin().replicaId();
    for (Peer peer : status.peers()) {
      addresses.put(peer.replicaId(), peer.clientAddress());
    }
    addresses.put(first, address);
    statuses.put(first, status);
  }

  static SeenCluster from(Conversation conversation, String address) {
    return new SeenCluster(conversation, address, conversation.tidings().admin(address).status());
  }

  int first() {
    return first;
  }

  Set<Integer> members() {
    return addresses.keySet();
  }

  String address(int id) {
    String address = addresses.get(id);
    if (address == null) {
      throw CommandFailure.refused("there is no replica " + id);
    }
    if (address.isEmpty()) {
      throw CommandFailure.refused(
          "replica %d has not been reached by replica %d yet, so its address is not known"
              .formatted(id, first));
    }
    return address;
  }

  ReplicaStatus status(int id) {
    ReplicaStatus known = statuses.get(id);
    if (known == null) {
      known = conversation.tidings().admin(address(id)).status();
      statuses.put(id, known);
    }
    return known;
  }

  /** What is known of the sender is asked again afterwards. */
  void setLink(int from, int to, Link link) {
    conversation.tidings().admin(address(from)).setLink(to, link);
    statuses.remove(from);
  }
}
