package dev.tidings.client.cli;

import dev.tidings.client.Bytes;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Bytes as people can read them on a terminal, whatever they are. */
final class Printable {
  private Printable() {}

  /** Printable UTF-8 as it is, anything else as {@code \xNN}, byte by byte. */
  static String of(Bytes bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes.toByteArray());
    CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
    var words = new StringBuilder();
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      append(words, out.flip());
      out.clear();
      if (!result.isError()) {
        return words.toString();
      }
      for (int i = 0; i < result.length(); i++) {
        escape(words, in.get());
      }
    }
  }

  private static void append(StringBuilder words, CharBuffer text) {
    text.codePoints()
        .forEach(
            c -> {
              if (isPrintable(c)) {
                words.appendCodePoint(c);
              } else {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                  escape(words, b);
                }
              }
            });
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          // A zero-width joiner belongs to many a printable word and emoji.
          c == 0x200d;
      default -> true;
    };
  }

  private static void escape(StringBuilder words, byte b) {
    words.append("\\x%02x".formatted(b & 0xff));
  }
}
