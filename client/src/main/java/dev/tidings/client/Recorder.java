package dev.tidings.client;

import dev.tidings.client.history.HistoryText;
import dev.tidings.client.history.HistoryWriter;
import dev.tidings.client.history.HistoryWriter.Operation;
import dev.tidings.clock.Version;
import dev.tidings.history.Outcome;
import dev.tidings.history.SeenVersion;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what sessions read and write, as a history for {@code bin/client check}; see {@link
 * Session#recordTo}. A write that was refused is recorded as aborted, one without an answer as of
 * unknown outcome, and a read without an answer not at all. Only registers that are no map's fields
 * are recorded: the checker knows nothing of feeds, counters, sets, multi-value registers and maps,
 * so they are left out. Of a range the registers that were found are recorded, not those that were
 * not. What a watch tells is left out too.
 *
 * <p>The history says that nobody else has written the keys: a value from elsewhere is, to the
 * checker, one that nobody wrote. Safe for any number of threads.
 */
public final class Recorder implements AutoCloseable {
  private final HistoryWriter history;

  /** The first; after it nothing is recorded any more. */
  private @Nullable IOException failure;

  private Recorder(HistoryWriter history) {
    this.history = history;
  }

  /**
   * Begins a history, in place of what the file held.
   *
   * @throws IOException if the file cannot be written
   */
  public static Recorder to(Path file) throws IOException {
    return new Recorder(new HistoryWriter(new BufferedOutputStream(Files.newOutputStream(file))));
  }

  /**
   * @param replica which answered, or where the session was if none did
   * @param start when the request was sent, microseconds since 1970
   * @param ended gives the answer, or throws why there is none
   */
  void write(
      String session,
      String replica,
      long start,
      List<Mutation> mutations,
      AsyncSession.Outcome<DurableWrite> ended) {
    try {
      Version version = ended.get().write().version();
      add(session, Outcome.OK, replica, start, operations(mutations, version));
    } catch (TidingsException e) {
      Outcome outcome = e.outcomeUnknown() ? Outcome.UNKNOWN : Outcome.ABORTED;
      add(session, outcome, replica, start, operations(mutations, null));
    }
  }

  private static List<Operation> operations(List<Mutation> mutations, @Nullable Version version) {
    @Nullable SeenVersion seen = version == null ? null : seen(version);
    var operations = new ArrayList<Operation>();
    for (Mutation mutation : mutations) {
      if (mutation instanceof Mutation.Put put) {
        operations.add(Operation.write(text(put.key()), text(put.value()), seen));
      } else if (mutation instanceof Mutation.Delete delete) {
        operations.add(Operation.write(text(delete.key()), null, seen));
      }
    }
    return operations;
  }

  /** As {@link #write}. */
  void read(
      String session,
      String replica,
      long start,
      Query query,
      AsyncSession.Outcome<Snapshot> ended) {
    Snapshot snapshot;
    try {
      snapshot = ended.get();
    } catch (TidingsException e) {
      return;
    }
    var operations = new ArrayList<Operation>();
    for (Item<?> item : query.items()) {
      if (item instanceof Item.Register register) {
        operations.add(operation(text(register.key()), snapshot.get(register)));
      } else if (item instanceof Item.Range range) {
        for (KeyValue each : snapshot.get(range).registers()) {
          operations.add(
              Operation.read(
                  text(each.key()), text(each.value()), seen(each.writtenBy().version())));
        }
      }
    }
    add(session, Outcome.OK, replica, start, operations);
  }

  private static Operation operation(String key, Value value) {
    return value.neverWritten()
        ? Operation.readNeverWritten(key)
        : Operation.read(key, text(value), version(value));
  }

  /**
   * Records what a replica held of a key when all that was written had reached it.
   *
   * @param replica its address, or another name
   */
  public void finalValue(String replica, Bytes key, Value value) {
    record(() -> history.finalValue(replica, text(key), text(value), version(value)));
  }

  private void add(
      String session, Outcome outcome, String replica, long start, List<Operation> operations) {
    if (!operations.isEmpty()) {
      long end = nowMicros();
      record(() -> history.group(session, outcome, replica, start, end, operations));
    }
  }

  private interface Line {
    void write() throws IOException;
  }

  private synchronized void record(Line line) {
    if (failure != null) {
      return;
    }
    try {
      line.write();
    } catch (IOException e) {
      failure = e;
    }
  }

  static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  private static String text(Bytes bytes) {
    return HistoryText.of(bytes.toByteArray());
  }

  private static @Nullable String text(Value value) {
    @Nullable Bytes bytes = value.bytes();
    return bytes == null ? null : text(bytes);
  }

  private static @Nullable SeenVersion version(Value value) {
    @Nullable WriteInfo write = value.writtenBy();
    return write == null ? null : seen(write.version());
  }

  private static SeenVersion seen(Version version) {
    return new SeenVersion(
        version.lamportTime(), version.origin().replicaId(), version.origin().incarnation());
  }

  /**
   * Ends the history.
   *
   * @throws IOException if something could not be written; the history is then incomplete
   */
  @Override
  public synchronized void close() throws IOException {
    try {
      history.close();
    } catch (IOException e) {
      failure = failure == null ? e : failure;
    }
    if (failure != null) {
      throw failure;
    }
  }
}
