package dev.tidings.bench;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.CausalReplica;
import dev.tidings.causal.Consistency;
import dev.tidings.causal.Effect;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.Progress;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A write arrives that a stalled one waits for, while others are stalled too: what the core's
 * decision costs must not depend on how many those are.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class WakeUpBenchmark {
  private static final Origin SELF = new Origin(1, 1);
  private static final Origin DEPENDED = new Origin(2, 1);
  private static final Origin DEPENDING = new Origin(3, 1);
  private static final Origin NEVER = new Origin(4, 1);
  private static final Origin STALLED = new Origin(5, 1);

  private static final int FIRST_OTHER = 10;

  /** How many other writes are stalled. */
  @Param({"0", "1000", "100000"})
  public int stalled;

  /** How many other origins' writes each write depends on too; they are visible. */
  @Param({"0", "14"})
  public int others;

  private CausalReplica replica = fresh();
  private PositionSet visible = PositionSet.EMPTY;
  private long sequence;

  private static CausalReplica fresh() {
    return new CausalReplica(SELF, Consistency.CAUSAL, 100, Progress.NONE, List.of(), 0);
  }

  private static Write write(Origin origin, long sequence, PositionSet dependencies) {
    return new Write(
        new Position(origin, sequence),
        new Version(sequence, origin),
        Optional.empty(),
        dependencies,
        0,
        List.of(new Mutation.Delete(Bytes.utf8("k"))));
  }

  /** Stalls the others, for a write that never comes. */
  @Setup(Level.Iteration)
  public void stallOthers() {
    replica = fresh();
    sequence = 0;
    visible = PositionSet.EMPTY;
    for (int i = 1; i <= others; i++) {
      var origin = new Origin(FIRST_OTHER + i, 1);
      replica.onReplicatedWrite(write(origin, 1, PositionSet.EMPTY), 0, 0);
      visible = visible.with(new Position(origin, 1));
    }
    for (int i = 1; i <= stalled; i++) {
      replica.onReplicatedWrite(write(STALLED, i, PositionSet.of(new Position(NEVER, i))), 0, 0);
    }
  }

  /** One write is stalled, and the write it waits for lets it go. */
  @Benchmark
  public List<Effect> stallAndWake() {
    sequence++;
    replica.onReplicatedWrite(
        write(DEPENDING, sequence, visible.with(new Position(DEPENDED, sequence))), 0, 0);
    return replica.onReplicatedWrite(write(DEPENDED, sequence, PositionSet.EMPTY), 0, 0);
  }
}
