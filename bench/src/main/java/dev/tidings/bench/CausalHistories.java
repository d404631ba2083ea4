package dev.tidings.bench;

import dev.tidings.client.history.HistoryWriter;
import dev.tidings.client.history.HistoryWriter.Operation;
import dev.tidings.history.History;
import dev.tidings.history.Outcome;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Long histories of single operations, half of them writes, that are causal: three replicas show
 * their own writes at once, and those of all others later, in the order in which they were written;
 * the last write of a key wins.
 */
final class CausalHistories {
  private static final int REPLICAS = 3;

  /** How many writes of others a replica comes to show at once, at most. */
  private static final int BATCH = 40;

  private static final double SHOWS_MORE = 0.2;
  private static final long SEED = 1;

  private CausalHistories() {}

  /** Each session stays at one replica. */
  static void write(Path file, int operations, int sessions, int keys) throws IOException {
    var random = new SplittableRandom(SEED);
    int[] keyOfWrite = new int[operations];
    int written = 0;
    int[] shown = new int[REPLICAS];
    int[][] latest = new int[REPLICAS][keys];
    for (int[] each : latest) {
      Arrays.fill(each, -1);
    }
    try (var history = new HistoryWriter(new BufferedOutputStream(Files.newOutputStream(file)))) {
      for (int i = 0; i < operations; i++) {
        int session = random.nextInt(sessions);
        int replica = session % REPLICAS;
        int key = random.nextInt(keys);
        if (random.nextDouble() < SHOWS_MORE) {
          int until = Math.min(written, shown[replica] + random.nextInt(BATCH));
          for (; shown[replica] < until; shown[replica]++) {
            int other = keyOfWrite[shown[replica]];
            latest[replica][other] = Math.max(latest[replica][other], shown[replica]);
          }
        }
        boolean isWrite = random.nextBoolean();
        if (isWrite) {
          keyOfWrite[written] = key;
          latest[replica][key] = written++;
        }
        int value = latest[replica][key];
        history.group(
            "s" + session,
            Outcome.OK,
            false,
            null,
            History.NO_TIME,
            History.NO_TIME,
            List.of(operation(isWrite, "k" + key, value)));
      }
    }
  }

  private static Operation operation(boolean isWrite, String key, int value) {
    if (value < 0) {
      return Operation.readNeverWritten(key);
    }
    return isWrite
        ? Operation.write(key, "v" + value, null)
        : Operation.read(key, "v" + value, null);
  }
}
