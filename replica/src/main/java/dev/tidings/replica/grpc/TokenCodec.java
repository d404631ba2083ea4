package dev.tidings.replica.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tidings.causal.Session;
import dev.tidings.clock.ForwardJumpException;
import dev.tidings.clock.LamportClock;
import dev.tidings.clock.PositionSet;
import dev.tidings.replica.SizeLimitException;
import dev.tidings.replica.storage.Identity;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.SessionState;
import dev.tidings.v1.SessionToken;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Session tokens of this cluster: a message and its checksum. Any thread. */
final class TokenCodec {
  /**
   * A frontier of tens of thousands of ranges. With the largest write it fits into one message to a
   * peer.
   */
  private static final int MAX_BYTES = 512 << 10;

  /** So many tokens, of so many bytes at most, need not be taken apart when they come again. */
  private static final int KNOWN = 1 << 10;

  private static final int MAX_KNOWN_BYTES = 256;

  private static final byte[] NO_WORD = {};

  private final Identity identity;
  private final ByteString cluster;

  /** Who only reads sends the same token again and again, and many send the same. */
  private final AtomicReferenceArray<@Nullable Known> known = new AtomicReferenceArray<>(KNOWN);

  private record Known(ByteString token, Session session) {}

  TokenCodec(Identity identity) {
    this.identity = identity;
    this.cluster = ByteString.copyFromUtf8(identity.cluster());
  }

  SessionState encode(Session session) {
    PositionSet declared = identity.consistency().declared(session.dependencies());
    ByteString token =
        Checksum.append(
            NO_WORD,
            SessionToken.newBuilder()
                .setFormatVersion(Wire.FORMAT_VERSION)
                .setClusterBytes(cluster)
                .setClock(session.clock())
                .setDependencies(Wire.toProto(declared))
                .build());
    if (token.size() <= MAX_KNOWN_BYTES) {
      // It mostly comes with the session's next request.
      known.set(slot(token), new Known(token, new Session(session.clock(), declared)));
    }
    return SessionState.newBuilder().setToken(token).setClock(session.clock()).build();
  }

  /**
   * @throws InvalidTokenException if a token is not one of ours
   * @throws SizeLimitException if they are larger than any that a session comes by
   * @throws ForwardJumpException if the clock beside it is beyond 2^62
   */
  Session decode(SessionState state) {
    if (state.getClock() < 0 || state.getClock() > LamportClock.MAX_TICKS) {
      throw new ForwardJumpException(
          "a session's clock is at most 2^62, not " + Long.toUnsignedString(state.getClock()));
    }
    long bytes = state.getToken().size();
    for (ByteString also : state.getAlsoList()) {
      bytes += also.size();
    }
    if (bytes > MAX_BYTES) {
      throw new SizeLimitException("the session token", bytes, MAX_BYTES, "bytes");
    }
    Session session = state.getToken().isEmpty() ? Session.NEW : decode(state.getToken());
    for (ByteString token : state.getAlsoList()) {
      session = session.union(decode(token));
    }
    return new Session(Math.max(session.clock(), state.getClock()), session.dependencies());
  }

  private Session decode(ByteString token) {
    if (token.size() > MAX_KNOWN_BYTES) {
      return parse(token);
    }
    int slot = slot(token);
    Known last = known.get(slot);
    if (last == null || !last.token().equals(token)) {
      last = new Known(token, parse(token));
      known.set(slot, last);
    }
    return last.session();
  }

  private static int slot(ByteString token) {
    return token.hashCode() & (KNOWN - 1);
  }

  private Session parse(ByteString token) {
    ByteString content =
        Checksum.strip(NO_WORD, token)
            .orElseThrow(
                () -> new InvalidTokenException("the session token is damaged, or is none"));
    try {
      SessionToken message = SessionToken.parseFrom(content);
      if (message.getFormatVersion() != Wire.FORMAT_VERSION) {
        throw new InvalidTokenException(
            "the session token has format %s; this replica reads format %d"
                .formatted(
                    Integer.toUnsignedString(message.getFormatVersion()), Wire.FORMAT_VERSION));
      }
      if (!message.getClusterBytes().equals(cluster)) {
        throw new InvalidTokenException(
            "the session token is of cluster %s, and this is cluster %s"
                .formatted(message.getCluster(), identity.cluster()));
      }
      if (message.getClock() < 0 || message.getClock() > LamportClock.MAX_TICKS) {
        throw new InvalidTokenException("the session token's clock is beyond 2^62");
      }
      return new Session(message.getClock(), Wire.fromProto(message.getDependencies()));
    } catch (InvalidProtocolBufferException | InvalidRequestException e) {
      throw new InvalidTokenException("the session token cannot be read: " + e.getMessage());
    }
  }
}
