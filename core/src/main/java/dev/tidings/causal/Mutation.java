package dev.tidings.causal;

/**
 * One change of one key. The kinds have key spaces of their own: a register and a feed never
 * collide.
 */
public sealed interface Mutation {
  /** The register's key or the feed's name. */
  Bytes key();

  /** Bytes of key and value. */
  long size();

  /** Sets a register; the last writer by version wins. */
  record Put(Bytes key, Bytes value) implements Mutation {
    @Override
    public long size() {
      return (long) key.size() + value.size();
    }
  }

  /** Makes a register absent; a put of a lower version stays hidden for good. */
  record Delete(Bytes key) implements Mutation {
    @Override
    public long size() {
      return key.size();
    }
  }

  /** Adds an entry to a feed, which keeps every one in version order. */
  record Append(Bytes key, Bytes value) implements Mutation {
    @Override
    public long size() {
      return (long) key.size() + value.size();
    }
  }

  /**
   * Says what is known of a member of the cluster; see {@link Membership}. Only replicas write it.
   */
  record SetMember(Member member) implements Mutation {
    @Override
    public Bytes key() {
      return Bytes.utf8("member " + member.replicaId());
    }

    @Override
    public long size() {
      return (long) key().size() + member.peerAddress().length();
    }
  }
}
