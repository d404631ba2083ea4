package dev.tidings.client;

import com.google.protobuf.MessageLite;
import dev.tidings.v1.BackupHeader;
import dev.tidings.v1.SnapshotPage;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;

/**
 * Writes a backup's file, under another name until it is complete and durable: a line that says
 * what it is, the header, the pages, each message after its length, and the SHA-256 of all that.
 * {@link BackupReader} reads it.
 */
final class BackupWriter implements AutoCloseable {
  private final Path file;
  private final Path part;
  private final FileOutputStream disk;
  private final MessageDigest digest = BackupReader.digest();
  private final OutputStream out;
  private boolean complete;

  BackupWriter(Path file, BackupHeader header) throws IOException {
    this.file = file;
    this.part = file.resolveSibling(file.getFileName() + ".part");
    this.disk = new FileOutputStream(part.toFile());
    this.out = new DigestOutputStream(new BufferedOutputStream(disk, 1 << 16), digest);
    out.write(
        (BackupReader.MAGIC + BackupReader.FORMAT + "\n").getBytes(StandardCharsets.US_ASCII));
    add(header);
  }

  void add(SnapshotPage page) throws IOException {
    add((MessageLite) page);
  }

  private void add(MessageLite message) throws IOException {
    message.writeDelimitedTo(out);
  }

  /** Makes it durable, and gives it its name, in place of what had that before. */
  void complete() throws IOException {
    byte[] checksum = digest.digest();
    out.write(checksum);
    out.flush();
    disk.getChannel().force(true);
    out.close();
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    complete = true;
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      try (FileChannel entry = FileChannel.open(directory, StandardOpenOption.READ)) {
        entry.force(true);
      }
    }
  }

  /** Leaves nothing behind of what is not complete. */
  @Override
  public void close() throws IOException {
    if (!complete) {
      disk.close();
      Files.deleteIfExists(part);
    }
  }
}
