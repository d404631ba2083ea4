package dev.tidings.client;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A session to be continued later, in this process or another one, at this replica or another one
 * of the cluster. The id that tells a session's writes from those of others is not part of it: who
 * continues draws a new one, so that a saved session can be continued twice, or after a crash,
 * without two writes sharing one request id.
 *
 * <pre>{@code
 * String text = session.save().toString(); // for a header, a cookie, an environment variable
 * Session later = tidings.session(SavedSession.parse(text));
 * }</pre>
 *
 * @param replica HOST:PORT where the session was
 * @param token opaque; empty for a session that has read and written nothing
 * @param clock the session's Lamport time, ticks, 0 or more
 * @param told further tokens, of what watches have told the session since its last request
 */
public record SavedSession(String replica, Bytes token, long clock, List<Bytes> told) {
  private static final String FORMAT = "1";
  private static final Pattern TEXT =
      Pattern.compile("tidings-session-(?<format>[0-9]{1,9})-(?<content>[A-Za-z0-9_-]+)");

  public SavedSession {
    told = List.copyOf(told);
    Addresses.check(replica);
    if (clock < 0) {
      throw new IllegalArgumentException("clock " + clock + " is negative");
    }
  }

  /** Of a session that no watch has told anything. */
  public SavedSession(String replica, Bytes token, long clock) {
    this(replica, token, clock, List.of());
  }

  /**
   * What {@link #toString()} has made of a session.
   *
   * @throws IllegalArgumentException if it has not, in one line that says why
   */
  public static SavedSession parse(String text) {
    Matcher parts = TEXT.matcher(text.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException("\"" + text + "\" is not a session");
    }
    if (!parts.group("format").equals(FORMAT)) {
      throw new IllegalArgumentException(
          "the session is of format %s; this library reads format %s"
              .formatted(parts.group("format"), FORMAT));
    }
    try {
      byte[] all = Base64.getUrlDecoder().decode(parts.group("content"));
      var in = new DataInputStream(new ByteArrayInputStream(all));
      String replica = in.readUTF();
      long clock = in.readLong();
      Bytes token = read(in);
      var told = new ArrayList<Bytes>();
      for (int left = in.readInt(); left > 0; left--) {
        told.add(read(in));
      }
      int length = all.length - in.available();
      if (in.readInt() == checksum(all, length) && in.available() == 0) {
        return new SavedSession(replica, token, clock, told);
      }
    } catch (IOException | IllegalArgumentException e) {
      // Said below, as for a wrong checksum.
    }
    throw new IllegalArgumentException("the session is damaged: its text was changed, or cut off");
  }

  private static Bytes read(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new EOFException();
    }
    return Bytes.of(in.readNBytes(length));
  }

  private static int checksum(byte[] bytes, int length) {
    var crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /**
   * As text for another process, which goes on from here with {@link #parse}: letters, digits,
   * {@code -} and {@code _}. Its scope is the cluster of {@link #contents()}; any replica of that
   * takes it, and none of another one. It is no secret, and proves nothing: it says what the
   * session has seen, and where it was.
   */
  @Override
  public String toString() {
    var bytes = new ByteArrayOutputStream();
    try {
      var out = new DataOutputStream(bytes);
      out.writeUTF(replica);
      out.writeLong(clock);
      write(out, token);
      out.writeInt(told.size());
      for (Bytes each : told) {
        write(out, each);
      }
      out.writeInt(checksum(bytes.toByteArray(), bytes.size()));
    } catch (IOException e) {
      throw new AssertionError("arrays do not fail", e);
    }
    return "tidings-session-%s-%s"
        .formatted(
            FORMAT, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray()));
  }

  private static void write(DataOutputStream out, Bytes bytes) throws IOException {
    out.writeInt(bytes.size());
    out.write(bytes.toByteArray());
  }

  /**
   * What its tokens say; empty for a session that has read and written nothing.
   *
   * @throws IllegalArgumentException if a token is damaged
   */
  public Optional<SessionContents> contents() {
    return Stream.concat(Stream.of(token), told.stream())
        .filter(each -> each.size() > 0)
        .map(each -> WireMapper.sessionContents(each.toByteString()))
        .reduce(SessionContents::union);
  }
}
