package dev.tidings.client.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidings.client.Bytes;
import dev.tidings.client.SavedSession;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A session kept between runs, as JSON. A new version replaces the file in one step, so that a run
 * that is killed leaves the one before. While it is open no other client may use it: two that
 * continued one session would each lose what the other had seen. The lock is on a file beside it,
 * which stays.
 */
final class SessionFile implements AutoCloseable {
  private static final int FORMAT_VERSION = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  private final FileChannel lockFile;

  private SessionFile(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /**
   * @throws CommandFailure if another client uses it, or it cannot be written
   */
  static SessionFile open(Path path) {
    Path lockPath = path.resolveSibling(path.getFileName() + ".lock");
    try {
      var lockFile =
          FileChannel.open(lockPath, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isLocked(lockFile)) {
        lockFile.close();
        throw CommandFailure.refused("session file " + path + " is in use by another client");
      }
      return new SessionFile(path, lockFile);
    } catch (IOException e) {
      throw CommandFailure.refused("session file " + path + " cannot be used: " + words(e));
    }
  }

  private static boolean isLocked(FileChannel lockFile) throws IOException {
    try {
      @Nullable FileLock lock = lockFile.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /**
   * What was saved; empty if there is no file yet.
   *
   * @throws CommandFailure if the file is damaged
   */
  Optional<SavedSession> load() {
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(path));
      if (json.path("format_version").asInt() != FORMAT_VERSION
          || !json.path("replica").isTextual()
          || !json.path("token").isTextual()
          || !json.path("clock").canConvertToLong()) {
        throw damaged("it is not a session of format version " + FORMAT_VERSION);
      }
      return Optional.of(
          new SavedSession(
              json.path("replica").asText(),
              Bytes.of(Base64.getDecoder().decode(json.path("token").asText())),
              json.path("clock").asLong(),
              told(json.path("told"))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw damaged("it is not JSON");
    } catch (IllegalArgumentException e) {
      throw damaged(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw CommandFailure.refused("session file " + path + " cannot be read: " + words(e));
    }
  }

  /** Absent in a file of a session that no watch has told anything. */
  private static List<Bytes> told(JsonNode tokens) {
    var told = new ArrayList<Bytes>();
    tokens.forEach(token -> told.add(Bytes.of(Base64.getDecoder().decode(token.asText()))));
    return told;
  }

  private CommandFailure damaged(String how) {
    return CommandFailure.refused(
        "session file %s is damaged: %s; delete it to begin a new session".formatted(path, how));
  }

  /**
   * @throws CommandFailure if it cannot be written
   */
  void save(SavedSession session) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("format_version", FORMAT_VERSION)
            .put("replica", session.replica())
            .put("token", base64(session.token()))
            .put("clock", session.clock());
    if (!session.told().isEmpty()) {
      ArrayNode told = json.putArray("told");
      session.told().forEach(token -> told.add(base64(token)));
    }
    Path next = path.resolveSibling(path.getFileName() + ".new");
    try {
      Files.writeString(next, json.toPrettyString() + "\n");
      Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw CommandFailure.refused("session file " + path + " cannot be written: " + words(e));
    }
  }

  private static String base64(Bytes token) {
    return Base64.getEncoder().encodeToString(token.toByteArray());
  }

  /** A file system's exception has only the path as its message; its class says what is wrong. */
  private static String words(IOException e) {
    return e.getClass().getSimpleName() + " " + e.getMessage();
  }

  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      // The lock ends with the process, which is about to end.
    }
  }
}
