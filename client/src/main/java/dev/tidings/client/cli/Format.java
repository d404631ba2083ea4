package dev.tidings.client.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How an answer is written. */
enum Format {
  /** For people. */
  TEXT,
  /** A JSON object a line, as in histories. */
  JSON,
  /** Bytes as they are. */
  VALUE;

  /** What can be typed, for completion. */
  static final class Words extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Words() {
      super(List.of("text", "json", "value"));
    }
  }

  /** Of {@code --output}. */
  static final class Converter implements ITypeConverter<Format> {
    @Override
    public Format convert(String word) {
      return switch (word) {
        case "text" -> TEXT;
        case "json" -> JSON;
        case "value" -> VALUE;
        default -> throw new TypeConversionException("\"" + word + "\" is not text, json or value");
      };
    }
  }
}
