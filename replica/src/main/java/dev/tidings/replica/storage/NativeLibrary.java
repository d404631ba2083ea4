package dev.tidings.replica.storage;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RocksDB's native library. RocksDB would unpack it at each start, into the directory for temporary
 * files, where it stays when the process is killed.
 */
final class NativeLibrary {
  private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);

  /** Names a directory that is on the JVM's library path, and may be written. */
  private static final String DIRECTORY = "tidings.native";

  private NativeLibrary() {}

  /** Loads it, from where it has been unpacked before if the launcher says where that is. */
  static void load() {
    String directory = System.getProperty(DIRECTORY);
    if (directory != null) {
      try {
        unpack(Path.of(directory));
      } catch (IOException e) {
        LOG.debug("cannot unpack RocksDB's library into {}", directory, e);
      }
    }
    RocksDB.loadLibrary();
  }

  private static void unpack(Path directory) throws IOException {
    String name = Environment.getJniLibraryFileName("rocksdb");
    URL packed = RocksDB.class.getResource("/" + name);
    if (packed == null) {
      return;
    }
    URLConnection connection = packed.openConnection();
    try (InputStream bytes = connection.getInputStream()) {
      Path library = directory.resolve(name);
      if (Files.exists(library) && Files.size(library) == connection.getContentLengthLong()) {
        return;
      }
      Files.createDirectories(directory);
      // Several replicas may start at once.
      Path part = Files.createTempFile(directory, name, ".part");
      Files.copy(bytes, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, library, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
