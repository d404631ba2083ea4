package dev.tidings.client.cli;

import dev.tidings.client.BackupFile;
import dev.tidings.client.BadBackupException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code backup} and {@code restore}: all data of a replica, in one file. */
final class BackupCommands {
  private BackupCommands() {}

  @Command(
      description = "Write all that is readable at a replica at one moment into a file.",
      footer = {
        "",
        "Reads and writes go on meanwhile. The file has its name once it is complete and on the disk; until",
        "then it is FILE.part. What had the name before is replaced."
      })
  static final class Backup implements ClientCommand {
    @Parameters(paramLabel = "FILE", description = "Where to write it.")
    private Path file = Path.of("");

    @Override
    public void run(Conversation conversation) {
      String replica = conversation.session().replica();
      try {
        if (Files.isDirectory(file)) {
          throw CommandFailure.usage(file + " is a directory");
        }
        try (var progress = Progress.ofBytes("backup")) {
          conversation.tidings().admin(replica).backup(file, progress);
        }
        BackupFile written = check(file);
        conversation.out().printf("%s: %s%n", file, words(written));
      } catch (IOException e) {
        throw CommandFailure.refused("%s cannot be written: %s".formatted(file, reason(e)));
      }
    }
  }

  @Command(
      description = "Take a backup into a replica of a new cluster; the others get it from there.",
      footer = {
        "",
        "Start all replicas of the new cluster with empty data directories, and the name and consistency of",
        "the old one; then restore at one of them. The file is read and checked as a whole before any of it",
        "is sent, and what it holds becomes readable in one step."
      })
  static final class Restore implements ClientCommand {
    @Parameters(paramLabel = "FILE", description = "What backup has written.")
    private Path file = Path.of("");

    @Override
    public void run(Conversation conversation) {
      String replica = conversation.session().replica();
      try {
        BackupFile backup = check(file);
        long lamportTime;
        try (var progress = Progress.ofBytes("restore", backup.bytes())) {
          lamportTime = conversation.tidings().admin(replica).restore(backup, progress);
        }
        conversation
            .out()
            .printf("replica %s has %s%n", replica, words(backup))
            .printf("its Lamport time is %d; the other replicas get it from there%n", lamportTime);
      } catch (BadBackupException e) {
        throw CommandFailure.refused(String.valueOf(e.getMessage()));
      } catch (IOException e) {
        throw CommandFailure.refused("%s cannot be read: %s".formatted(file, reason(e)));
      }
    }
  }

  private static BackupFile check(Path file) throws IOException {
    try (var progress = Progress.ofBytes("check", Files.size(file))) {
      return BackupFile.check(file, progress);
    }
  }

  private static String words(BackupFile backup) {
    return String.format(
        Locale.ROOT,
        "a backup of cluster \"%s\" (%s, %s, Lamport time %d): %,d entries, %,d bytes",
        backup.cluster(),
        backup.origin(),
        backup.takenAt(),
        backup.lamportTime(),
        backup.entries(),
        backup.bytes());
  }

  static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (e instanceof FileSystemException broken && broken.getReason() != null) {
      return broken.getReason();
    }
    String words = String.valueOf(e.getMessage());
    // It repeats the file's name.
    return e instanceof FileNotFoundException ? words.replaceFirst("^.* \\((.*)\\)$", "$1") : words;
  }
}
