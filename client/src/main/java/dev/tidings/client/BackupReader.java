package dev.tidings.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.tidings.v1.BackupHeader;
import dev.tidings.v1.SnapshotPage;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a backup's file as {@link BackupWriter} wrote it. The last page is given out only once the
 * checksum of the whole file has been found right. Whatever is wrong is a {@link
 * BadBackupException}.
 */
final class BackupReader implements AutoCloseable {
  static final String MAGIC = "tidings-backup ";
  static final int FORMAT = 1;
  private static final int MAX_FORMAT_DIGITS = 9;
  private static final int MAX_VARINT_BYTES = 5;

  private final Path file;
  private final long size;
  private final InputStream in;
  private final MessageDigest digest = digest();
  private final BackupHeader header;
  private long read;
  private boolean atEnd;

  BackupReader(Path file) throws IOException {
    this.file = file;
    this.size = Files.size(file);
    this.in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      readFormat();
      this.header = message(BackupHeader.parser());
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  BackupHeader header() {
    return header;
  }

  /** How much of the file has been read, bytes. */
  long position() {
    return read;
  }

  long size() {
    return size;
  }

  /** The next page; null after the last. */
  @Nullable SnapshotPage next() throws IOException {
    if (atEnd) {
      return null;
    }
    SnapshotPage page = message(SnapshotPage.parser());
    if (page.getLast()) {
      atEnd = true;
      byte[] checksum = digest.digest();
      if (!Arrays.equals(checksum, bytes(checksum.length))) {
        throw damaged("its checksum is wrong");
      }
      if (in.read() >= 0) {
        throw damaged("there is more after its end");
      }
    }
    return page;
  }

  private void readFormat() throws IOException {
    byte[] magic = in.readNBytes(MAGIC.length());
    if (!new String(magic, StandardCharsets.ISO_8859_1).equals(MAGIC)) {
      throw new BadBackupException(
          magic.length == 0 ? file + " is empty" : file + " is no backup that bin/client has made");
    }
    var line = new ByteArrayOutputStream();
    int next;
    while ((next = in.read()) >= 0 && next != '\n' && line.size() <= MAX_FORMAT_DIGITS) {
      line.write(next);
    }
    String format = line.toString(StandardCharsets.ISO_8859_1);
    if (next < 0) {
      throw incomplete();
    }
    if (!format.equals(String.valueOf(FORMAT))) {
      throw format.matches("[0-9]{1," + MAX_FORMAT_DIGITS + "}")
          ? new BadBackupException(
              "%s is a backup of format %s; this client reads format %d"
                  .formatted(file, format, FORMAT))
          : damaged("its first line is wrong");
    }
    byte[] all = (MAGIC + format + "\n").getBytes(StandardCharsets.US_ASCII);
    digest.update(all);
    read = all.length;
  }

  private <M> M message(Parser<M> parser) throws IOException {
    int length = length();
    byte[] bytes = bytes(length);
    digest.update(bytes);
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw damaged("what should be a page is none");
    }
  }

  private int length() throws IOException {
    int length = 0;
    for (int i = 0; i < MAX_VARINT_BYTES; i++) {
      byte next = bytes(1)[0];
      digest.update(next);
      length |= (next & 0x7f) << (7 * i);
      if (next >= 0) {
        if (length < 0) {
          break;
        }
        return length;
      }
    }
    throw damaged("a page's length is wrong");
  }

  private byte[] bytes(int count) throws IOException {
    // A wrong length must not cost more memory than the file has bytes.
    if (count > size - read) {
      throw incomplete();
    }
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw incomplete();
    }
    read += count;
    return bytes;
  }

  private BadBackupException incomplete() {
    return new BadBackupException(
        "%s is not complete: it ends after %d bytes, before its last page".formatted(file, size));
  }

  private BadBackupException damaged(String how) {
    return new BadBackupException(file + " is damaged: " + how);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
