package dev.tidings.bench.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux says of a process's memory; 0 elsewhere. */
public final class ProcessMemory {
  private ProcessMemory() {}

  public static long residentBytes(long pid) {
    return kib(pid, "VmRSS:") << 10;
  }

  /** The most that it ever had. */
  public static long peakBytes(long pid) {
    return kib(pid, "VmHWM:") << 10;
  }

  private static long kib(long pid, String field) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
