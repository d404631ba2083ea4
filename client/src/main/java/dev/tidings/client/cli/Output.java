package dev.tidings.client.cli;

import picocli.CommandLine.Option;

/** {@code --output}, of commands that read. */
final class Output {
  @Option(
      names = "--output",
      paramLabel = "FORMAT",
      defaultValue = "text",
      converter = Format.Converter.class,
      completionCandidates = Format.Words.class,
      description =
          "text, for people; json, an object a line; or value, bytes as they are. Default: text.")
  private Format format = Format.TEXT;

  Rows rows(Conversation conversation) {
    return new Rows(conversation, format);
  }

  /** Whether nothing but values can be told. */
  boolean isBytesOnly() {
    return format == Format.VALUE;
  }

  /** Where there is nothing: the exit code says so. */
  void absent(Conversation conversation, Rows rows, Rows.Row row) {
    if (format != Format.VALUE) {
      rows.addOnly(row);
    }
    conversation.sayAbsent();
  }
}
