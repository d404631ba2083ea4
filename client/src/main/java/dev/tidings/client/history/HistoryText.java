package dev.tidings.client.history;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Bytes as the text of a history: UTF-8 as it is, anything else in Base64 behind a prefix. */
public final class HistoryText {
  private static final String BASE64 = "base64:";

  private HistoryText() {}

  /** Equal bytes have equal texts, and different bytes different ones. */
  public static String of(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith(BASE64) ? encoded(bytes) : text;
    } catch (CharacterCodingException e) {
      return encoded(bytes);
    }
  }

  private static String encoded(byte[] bytes) {
    return BASE64 + Base64.getEncoder().encodeToString(bytes);
  }

  /**
   * The one text of the bytes that a text in a file stands for.
   *
   * @throws IllegalArgumentException if what is behind the prefix is not Base64
   */
  static String normal(String text) {
    return text.startsWith(BASE64)
        ? of(Base64.getDecoder().decode(text.substring(BASE64.length())))
        : text;
  }
}
