package dev.tidings.client.cli;

import dev.tidings.client.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values that are not typed: from standard input, once, and from files. */
final class Input {
  /** More than any replica takes. */
  private static final int MOST_BYTES = 256 << 20;

  private final @Nullable InputStream standardInput;
  private boolean isRead;

  /**
   * @param standardInput null where commands come from there
   */
  Input(@Nullable InputStream standardInput) {
    this.standardInput = standardInput;
  }

  /**
   * A value.
   *
   * @param word as it was typed; {@code -} for standard input; null for none
   * @throws CommandFailure if there is neither or both, or it cannot be read
   */
  Bytes value(@Nullable String word, @Nullable Path file) {
    if (word != null && file != null) {
      throw CommandFailure.usage("a value is typed, or comes from a file, and not both");
    }
    if (file != null) {
      return read(file);
    }
    if (word == null) {
      throw CommandFailure.usage("the value is missing: V, - for standard input, or --file FILE");
    }
    return word.equals("-") ? readStandardInput() : Bytes.of(word);
  }

  /**
   * Elements: typed, or one a line.
   *
   * @param words {@code -} alone for standard input
   * @throws CommandFailure if there are none, one is empty, or they cannot be read
   */
  List<Bytes> elements(List<String> words, @Nullable Path file) {
    if (!words.isEmpty() && file != null) {
      throw CommandFailure.usage("elements are typed, or come from a file, and not both");
    }
    List<Bytes> elements;
    if (file != null) {
      elements = lines(read(file));
    } else if (words.equals(List.of("-"))) {
      elements = lines(readStandardInput());
    } else {
      elements = words.stream().map(Bytes::of).toList();
    }
    if (elements.isEmpty()) {
      throw CommandFailure.usage(
          "elements are missing: E…, - for lines of standard input, or --file FILE");
    }
    if (elements.contains(Bytes.EMPTY)) {
      throw CommandFailure.usage("an element has 1 byte or more, and one of these is empty");
    }
    return elements;
  }

  private static List<Bytes> lines(Bytes text) {
    return text.utf8().lines().map(Bytes::of).toList();
  }

  private static Bytes read(Path file) {
    if (file.toString().isEmpty()) {
      throw CommandFailure.usage("a file has a name");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString());
    } catch (IOException e) {
      throw CommandFailure.refused(
          "file %s cannot be read: %s".formatted(file, BackupCommands.reason(e)));
    }
  }

  private Bytes readStandardInput() {
    if (standardInput == null) {
      throw CommandFailure.usage(
          "standard input is where commands come from: take the value from --file FILE");
    }
    if (isRead) {
      throw CommandFailure.usage("standard input can be read once");
    }
    isRead = true;
    try {
      return read(standardInput, "standard input");
    } catch (IOException e) {
      throw CommandFailure.refused("standard input cannot be read: " + e.getMessage());
    }
  }

  private static Bytes read(InputStream in, String name) throws IOException {
    byte[] bytes = in.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw CommandFailure.refused(
          "%s has more than %,d bytes, which no replica takes".formatted(name, MOST_BYTES));
    }
    return Bytes.of(bytes);
  }
}
