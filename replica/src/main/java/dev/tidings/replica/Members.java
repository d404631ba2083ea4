package dev.tidings.replica;

import dev.tidings.causal.Member;
import dev.tidings.causal.Membership;
import dev.tidings.clock.Origin;
import dev.tidings.replica.storage.Identity;
import dev.tidings.replica.wire.InvalidRequestException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who belongs to the cluster, where they are, and what is to be written when that changes. Confined
 * to the replica's loop.
 */
final class Members {
  private final Origin self;

  /** Where the settings say that peers are, by id. */
  private final Map<Integer, String> addresses;

  private final String ownPeerAddress;
  private final Membership membership;

  /**
   * @param addresses of the founding members; or of those whom a replica asks first that joins
   * @param stored what writes have said of members
   */
  Members(
      Identity identity,
      Map<Integer, String> addresses,
      String ownPeerAddress,
      Collection<Membership.Entry> stored) {
    this.self = identity.origin();
    this.addresses = Map.copyOf(addresses);
    this.ownPeerAddress = ownPeerAddress;
    var founding = new ArrayList<Membership.Entry>();
    founding.add(
        Membership.Entry.founding(Member.of(self.replicaId(), "").reborn(self.incarnation())));
    addresses.keySet().forEach(id -> founding.add(Membership.Entry.founding(Member.of(id, ""))));
    this.membership = new Membership(founding);
    stored.forEach(membership::merge);
    membership.saw(self);
  }

  Membership membership() {
    return membership;
  }

  /** Where each other member is, as far as that is known. */
  Map<Integer, String> peerAddresses() {
    var all = new TreeMap<Integer, String>();
    for (int id : membership.members()) {
      String told = membership.entry(id).orElseThrow().member().peerAddress();
      String address = told.isEmpty() ? addresses.get(id) : told;
      if (id != self.replicaId() && address != null) {
        all.put(id, address);
      }
    }
    return all;
  }

  /**
   * What is to be written when a replica joins, or is reached elsewhere.
   *
   * @throws InvalidRequestException if the cluster is full
   */
  List<Member> joined(int replicaId, String peerAddress) {
    if (!membership.members().contains(replicaId) && membership.members().size() >= Member.MOST) {
      throw new InvalidRequestException(
          "a cluster has at most %d replicas, and this one has them".formatted(Member.MOST));
    }
    Member known =
        membership.entry(replicaId).map(Membership.Entry::member).orElse(Member.of(replicaId, ""));
    var changed = new ArrayList<Member>();
    changed.add(known.at(peerAddress));
    // Who joins knows only those whom its own settings name.
    for (int id : membership.members()) {
      Member member = membership.entry(id).orElseThrow().member();
      String address = id == self.replicaId() ? ownPeerAddress : addresses.getOrDefault(id, "");
      if (id != replicaId && member.peerAddress().isEmpty() && !address.isEmpty()) {
        changed.add(member.at(address));
      }
    }
    return changed;
  }

  /**
   * What is to be written when a replica is removed.
   *
   * @throws InvalidRequestException if it is no member, or this one
   */
  List<Member> removed(int replicaId) {
    if (!membership.members().contains(replicaId)) {
      throw new InvalidRequestException(
          "replica %d is no member; members are %s".formatted(replicaId, membership.members()));
    }
    if (replicaId == self.replicaId()) {
      throw new InvalidRequestException(
          "replica %d cannot remove itself: ask another member".formatted(replicaId));
    }
    return List.of(known(replicaId).gone());
  }

  /** What is to be written when a member shows itself in another incarnation. */
  Member reborn(Origin origin) {
    return known(origin.replicaId()).reborn(origin.incarnation());
  }

  /** What is to be written of the origins of a backup, whose logs go on no longer. */
  List<Member> ended(Collection<Origin> origins) {
    var changed = new TreeMap<Integer, Member>();
    for (Origin origin : origins) {
      Member member =
          changed.computeIfAbsent(
              origin.replicaId(),
              id -> membership.members().contains(id) ? known(id) : Member.of(id, "").gone());
      changed.put(origin.replicaId(), member.withEnded(origin.incarnation()));
    }
    return List.copyOf(changed.values());
  }

  /** What is known of a member, the incarnation included in which it has shown itself. */
  private Member known(int replicaId) {
    Member member = membership.entry(replicaId).orElseThrow().member();
    return member.incarnation() != 0
        ? member
        : membership
            .origin(replicaId)
            .map(origin -> member.reborn(origin.incarnation()))
            .orElse(member);
  }

  /** All that are or were members, for people. */
  List<MemberStatus> status() {
    Map<Integer, String> reached = peerAddresses();
    return membership.entries().stream()
        .map(
            entry -> {
              int id = entry.member().replicaId();
              return new MemberStatus(
                  id,
                  membership.origin(id),
                  entry.member().removed(),
                  id == self.replicaId() ? ownPeerAddress : reached.getOrDefault(id, ""));
            })
        .toList();
  }
}
