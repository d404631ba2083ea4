package dev.tidings.client;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;

/** A key, a name, an element, a value or a cursor: bytes that never change, compared by content. */
public final class Bytes {
  public static final Bytes EMPTY = new Bytes(ByteString.EMPTY);

  private final ByteString bytes;

  Bytes(ByteString bytes) {
    this.bytes = bytes;
  }

  /** The text in UTF-8. */
  public static Bytes of(String text) {
    return new Bytes(ByteString.copyFromUtf8(text));
  }

  /** A copy of the array. */
  public static Bytes of(byte[] bytes) {
    return new Bytes(ByteString.copyFrom(bytes));
  }

  ByteString toByteString() {
    return bytes;
  }

  public byte[] toByteArray() {
    return bytes.toByteArray();
  }

  public int size() {
    return bytes.size();
  }

  /** The first bytes that come after all that begin with these; empty if there are none. */
  Bytes afterAllWithThisPrefix() {
    for (int last = bytes.size() - 1; last >= 0; last--) {
      if (bytes.byteAt(last) != (byte) 0xff) {
        byte[] after = bytes.substring(0, last + 1).toByteArray();
        after[last]++;
        return of(after);
      }
    }
    return EMPTY;
  }

  /** As text; what is not UTF-8 becomes replacement characters. */
  public String utf8() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Bytes other && bytes.equals(other.bytes);
  }

  @Override
  public int hashCode() {
    return bytes.hashCode();
  }

  /** As {@link #utf8()}. */
  @Override
  public String toString() {
    return utf8();
  }
}
