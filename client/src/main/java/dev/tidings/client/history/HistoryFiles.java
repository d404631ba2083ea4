package dev.tidings.client.history;

import dev.tidings.history.BadHistoryException;
import dev.tidings.history.History;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Reads and writes files of histories. */
public final class HistoryFiles {
  private static final int BUFFER_BYTES = 1 << 16;

  private HistoryFiles() {}

  /**
   * Reads a whole file.
   *
   * @param format null to tell it from the file's beginning
   * @param progress told now and then how many bytes have been read; on the calling thread
   * @throws BadHistoryException if something in the file is wrong: where, and what
   * @throws IOException if the file cannot be read
   */
  public static History read(Path file, @Nullable HistoryFormat format, LongConsumer progress)
      throws IOException {
    try (var in =
        new BufferedInputStream(
            new CountingStream(Files.newInputStream(file), progress), BUFFER_BYTES)) {
      HistoryFormat known = format == null ? recognise(in) : format;
      return switch (known) {
        case TIDINGS -> HistoryReader.read(in);
        case PLUME -> PlumeText.read(in);
        case DBCOP -> DbcopReader.read(in);
      };
    }
  }

  /** By the first character that is not blank, and of an object by its first field. */
  private static HistoryFormat recognise(BufferedInputStream in) throws IOException {
    in.mark(BUFFER_BYTES);
    byte[] begin = in.readNBytes(BUFFER_BYTES / 2);
    in.reset();
    String text = new String(begin, java.nio.charset.StandardCharsets.ISO_8859_1).strip();
    if (text.isEmpty()) {
      throw new BadHistoryException("the file is empty");
    }
    return switch (text.charAt(0)) {
      case 'r', 'w' -> HistoryFormat.PLUME;
      case '[' -> HistoryFormat.DBCOP;
      case '{' ->
          text.matches("(?s)\\{\\s*\"(format|session|final)\".*")
              ? HistoryFormat.TIDINGS
              : HistoryFormat.DBCOP;
      default ->
          throw new BadHistoryException(
              "line 1: this is no history in one of the formats tidings, plume and dbcop");
    };
  }

  /**
   * Writes a whole file, in place of what was there.
   *
   * @throws BadHistoryException if the format cannot say what the history says: where, and what.
   *     Then nothing is written.
   * @throws IOException if the file cannot be written
   */
  public static void write(History history, HistoryFormat format, Path file) throws IOException {
    @Nullable Numbers numbers =
        format == HistoryFormat.TIDINGS ? null : Numbers.of(history, format);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES)) {
      if (numbers == null) {
        HistoryWriter.write(history, out);
      } else if (format == HistoryFormat.PLUME) {
        PlumeText.write(history, numbers, out);
      } else {
        DbcopWriter.write(history, numbers, out);
      }
    }
  }

  /** Tells how far it has been read. */
  private static final class CountingStream extends FilterInputStream {
    private final LongConsumer progress;
    private long count;

    CountingStream(InputStream in, LongConsumer progress) {
      super(in);
      this.progress = progress;
    }

    @Override
    public int read() throws IOException {
      int next = super.read();
      counted(next < 0 ? 0 : 1);
      return next;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, length);
      counted(Math.max(0, read));
      return read;
    }

    private void counted(int bytes) {
      count += bytes;
      progress.accept(count);
    }
  }
}
