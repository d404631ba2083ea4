package dev.tidings.bench.results;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where figures come from.
 *
 * @param load how many processes wanted to run in the minute before; negative where nobody knows
 * @param syncMicros how long the disk of the data takes to sync 4 KiB, the median
 */
public record Machine(
    String processor,
    int processors,
    String system,
    String java,
    String fileSystem,
    double load,
    double syncMicros,
    String at) {
  private static final int SYNCS = 200;
  private static final int BLOCK = 4096;

  /**
   * @param directory where the data will be
   */
  public static Machine here(Path directory, String fileSystem) throws IOException {
    var system = ManagementFactory.getOperatingSystemMXBean();
    return new Machine(
        processorName(),
        system.getAvailableProcessors(),
        system.getName() + " " + system.getVersion(),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
        fileSystem,
        system.getSystemLoadAverage(),
        syncMicros(directory),
        Instant.now().toString());
  }

  public String text() {
    return String.format(
        Locale.ROOT,
        "%d × %s, %s, %s; data on %s, a sync of 4 KiB takes %.0f µs; load before %.1f",
        processors,
        processor,
        system,
        java,
        fileSystem,
        syncMicros,
        load);
  }

  private static String processorName() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("processor");
    } catch (IOException e) {
      return "processor";
    }
  }

  private static double syncMicros(Path directory) throws IOException {
    Path file = directory.resolve("sync");
    List<Double> micros = new ArrayList<>();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (int i = 0; i < SYNCS; i++) {
        long begin = System.nanoTime();
        channel.write(ByteBuffer.allocate(BLOCK));
        channel.force(false);
        micros.add((System.nanoTime() - begin) / 1e3);
      }
    } finally {
      Files.deleteIfExists(file);
    }
    return Ratio.median(micros);
  }
}
