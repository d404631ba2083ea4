package dev.tidings.bench;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tidings.causal.Bytes;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.VectorClock;
import dev.tidings.clock.Version;
import dev.tidings.replica.wire.Wire;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What every request and every write on its way costs inside, as the number of replicas grows:
 * whether dependencies lie in the frontier, the union of what a session has seen, the merge of
 * vector clocks, and a write as bytes and back.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class InnerPartsBenchmark {
  private static final int VALUE_BYTES = 100;
  private static final long SEQUENCE = 1_000_000;

  /** How many replicas have written; a write depends on one position of each. */
  @Param({"3", "16"})
  public int replicas;

  private PositionSet frontier = PositionSet.EMPTY;
  private PositionSet dependencies = PositionSet.EMPTY;
  private VectorClock mine = VectorClock.ZERO;
  private VectorClock theirs = VectorClock.ZERO;
  private Write write = write(PositionSet.EMPTY);
  private byte[] bytes = {};

  @Setup
  public void begin() {
    frontier = PositionSet.EMPTY;
    dependencies = PositionSet.EMPTY;
    for (int id = 1; id <= replicas; id++) {
      var origin = new Origin(id, 1);
      frontier = frontier.union(PositionSet.ofRange(origin, 1, SEQUENCE));
      dependencies = dependencies.with(new Position(origin, SEQUENCE - id));
    }
    mine = clock(0);
    theirs = clock(1);
    write = write(dependencies);
    bytes = Wire.toProto(write).toByteArray();
  }

  private VectorClock clock(int odd) {
    Map<Integer, Long> events =
        IntStream.rangeClosed(1, replicas)
            .boxed()
            .collect(
                Collectors.toMap(id -> id, id -> SEQUENCE + (id % 2 == 0 ? id : -id) * (long) odd));
    return VectorClock.of(events);
  }

  private static Write write(PositionSet dependencies) {
    var origin = new Origin(1, 1);
    return new Write(
        new Position(origin, SEQUENCE + 1),
        new Version(SEQUENCE + 1, origin),
        Optional.empty(),
        dependencies,
        0,
        List.of(new Mutation.Put(Bytes.utf8("key-00000001"), Bytes.utf8("x".repeat(VALUE_BYTES)))));
  }

  /** May the write be shown? */
  @Benchmark
  public boolean frontierCheck() {
    return frontier.containsAll(dependencies);
  }

  /** What a session has seen, after one more answer. */
  @Benchmark
  public PositionSet sessionUnion() {
    return dependencies.union(PositionSet.of(new Position(new Origin(2, 1), SEQUENCE)));
  }

  /** A receipt in the laboratory. */
  @Benchmark
  public VectorClock vectorClockMerge() {
    return mine.merge(theirs);
  }

  /** A write as it is sent and logged. */
  @Benchmark
  public byte[] encode() {
    return Wire.toProto(write).toByteArray();
  }

  /** The same, taken apart. */
  @Benchmark
  public Write decode() throws InvalidProtocolBufferException {
    return Wire.fromProto(dev.tidings.v1.Write.parseFrom(bytes));
  }
}
