package dev.tidings.client.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.tidings.history.BadHistoryException;
import dev.tidings.history.History;
import java.io.IOException;
import java.io.InputStream;

/** Reads a history that is JSON, and says in which line it is none. */
final class JsonHistory {
  private JsonHistory() {}

  /** What is particular to a format. */
  interface Reader {
    History read(JsonParser json) throws IOException;
  }

  static History read(InputStream in, Reader reader) throws IOException {
    try (JsonParser json = new JsonFactory().createParser(in)) {
      return reader.read(json);
    } catch (JsonProcessingException e) {
      throw new BadHistoryException(
          "line %d: this is not JSON: %s"
              .formatted(
                  e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
                  String.valueOf(e.getOriginalMessage()).replaceAll("\\s+", " ")));
    }
  }
}
