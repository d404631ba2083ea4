package dev.tidings.client.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidings.client.Bytes;
import dev.tidings.client.WriteInfo;
import dev.tidings.client.history.HistoryText;
import dev.tidings.clock.Version;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** What a command answers, row by row, in the format that was asked for. */
final class Rows implements AutoCloseable {
  private final Format format;
  private final OutputStream out;

  Rows(Conversation conversation, Format format) {
    this.format = format;
    this.out = new BufferedOutputStream(conversation.console().bytes());
  }

  /** A row that knows how to be written; see {@link Format}. */
  interface Row {
    /** One line or more, without the last line's end. */
    String text();

    void json(ObjectNode row);

    Bytes value();
  }

  /** Writes a row on a line of its own. */
  void add(Row row) {
    add(row, true);
  }

  /** Writes the only row there is: as a value it is exactly its bytes, and so can be kept. */
  void addOnly(Row row) {
    add(row, format != Format.VALUE);
  }

  /** Only for people. */
  void addText(String text) {
    if (format == Format.TEXT) {
      write(text.getBytes(StandardCharsets.UTF_8), true);
    }
  }

  private void add(Row row, boolean endLine) {
    switch (format) {
      case TEXT -> write(row.text().getBytes(StandardCharsets.UTF_8), endLine);
      case JSON -> {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        row.json(json);
        write(json.toString().getBytes(StandardCharsets.UTF_8), endLine);
      }
      case VALUE -> write(row.value().toByteArray(), endLine);
    }
  }

  private void write(byte[] bytes, boolean endLine) {
    try {
      out.write(bytes);
      if (endLine) {
        out.write('\n');
      }
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private static CommandFailure unwritable(IOException e) {
    return CommandFailure.refused("the answer cannot be written: " + e.getMessage());
  }

  /** Bytes as histories have them: equal ones have equal texts. */
  static String json(Bytes bytes) {
    return HistoryText.of(bytes.toByteArray());
  }

  static void put(ObjectNode row, WriteInfo write) {
    row.put("version", full(write.version())).put("position", write.position().toString());
  }

  /** With the incarnation, so that it names one version and no other. */
  static String full(Version version) {
    return version + "." + version.origin().incarnation();
  }

  @Override
  public void close() {
    try {
      out.flush();
    } catch (IOException e) {
      throw unwritable(e);
    }
  }
}
