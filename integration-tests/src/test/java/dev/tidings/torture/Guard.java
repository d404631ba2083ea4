package dev.tidings.torture;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Sees to it that nothing stays behind when this process ends in whatever way, kill -9 included: a
 * shell that reads the replicas' process ids from a pipe, and when the pipe breaks kills them, and
 * deletes their data. Safe for any number of threads.
 */
final class Guard implements AutoCloseable {
  /** Lines are {@code ID PID}, or {@code ID} for a replica that has ended; or {@code done}. */
  private static final String SCRIPT =
      """
      trap '' INT TERM HUP
      while read -r id pid; do
        [ "$id" = done ] && exit
        eval "pid_$id=\\$pid"
      done
      for id in 1 2 3 4 5 6 7 8 9; do
        eval "pid=\\${pid_$id:-}"
        [ -z "$pid" ] || kill -9 "$pid"
      done
      umount -l "$2"
      rm -rf "$1"
      """;

  private final Process shell;

  /**
   * @param directory of everything
   * @param mount where in it something may be mounted
   */
  Guard(Path directory, Path mount) throws IOException {
    shell =
        new ProcessBuilder("sh", "-c", SCRIPT, "guard", directory.toString(), mount.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
  }

  void started(int id, long pid) throws IOException {
    tell(id + " " + pid);
  }

  void ended(int id) throws IOException {
    tell(Integer.toString(id));
  }

  private synchronized void tell(String line) throws IOException {
    OutputStream pipe = shell.getOutputStream();
    pipe.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    pipe.flush();
  }

  /** Nothing is left to be seen to. */
  @Override
  public void close() throws IOException {
    tell("done");
  }
}
