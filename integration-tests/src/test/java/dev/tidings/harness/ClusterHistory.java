package dev.tidings.harness;

import com.google.protobuf.ByteString;
import dev.tidings.history.Checker;
import dev.tidings.history.History;
import dev.tidings.history.Judgement;
import dev.tidings.history.Model;
import dev.tidings.history.Outcome;
import dev.tidings.history.SeenVersion;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.Register;
import dev.tidings.v1.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What sessions saw of a cluster's registers k0, k1, …, for the checker. */
public final class ClusterHistory {
  private final History.Builder history = new History.Builder();
  private int line;

  /** Each one-way link's delay, below 1.5 s, as for {@code --delay}. */
  public static String randomDelays(int replicas, Random chance) {
    var delays = new ArrayList<String>();
    for (int from = 1; from <= replicas; from++) {
      for (int to = 1; to <= replicas; to++) {
        if (from != to) {
          delays.add("%d>%d=%dms".formatted(from, to, chance.nextInt(1_500)));
        }
      }
    }
    return String.join(",", delays);
  }

  public static ReadItem[] items(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(k -> TestSession.key("k" + k))
        .toArray(ReadItem[]::new);
  }

  /** Records a write's puts and deletes. */
  public void write(
      String session,
      List<Mutation> mutations,
      Outcome outcome,
      @Nullable ClientWriteResponse response) {
    List<Mutation> registers = mutations.stream().filter(each -> !each.hasAppend()).toList();
    if (registers.isEmpty()) {
      return;
    }
    begin(session, outcome);
    @Nullable SeenVersion version = response == null ? null : seen(response.getVersion());
    for (Mutation each : registers) {
      if (each.hasPut()) {
        history.write(line, text(each.getPut().getKey()), text(each.getPut().getValue()), version);
      } else {
        history.write(line, text(each.getDelete().getKey()), null, version);
      }
    }
  }

  /** Records what a read of registers from {@code from} on has answered. */
  public void read(String session, int from, List<Register> registers) {
    begin(session, Outcome.OK);
    for (int i = 0; i < registers.size(); i++) {
      String key = "k" + (from + i);
      Register register = registers.get(i);
      if (register.hasWrittenBy()) {
        history.read(line, key, value(register), version(register));
      } else {
        history.readNeverWritten(line, key);
      }
    }
  }

  /** Records what a replica holds in the end, from k0 on. */
  public void end(int replica, List<Register> registers) {
    for (int k = 0; k < registers.size(); k++) {
      line++;
      Register register = registers.get(k);
      history.finalValue(
          line, Integer.toString(replica), "k" + k, value(register), version(register));
    }
  }

  /** The registers of an answer. */
  public static List<Register> registers(ClientReadResponse response) {
    return response.getResultsList().stream()
        .filter(result -> result.hasRegister())
        .map(result -> result.getRegister())
        .toList();
  }

  /** By causal convergence, from which the session guarantees follow. The last that is asked. */
  public Judgement judge() {
    return Checker.judge(history.build(), Model.CCV, groups -> {});
  }

  private void begin(String session, Outcome outcome) {
    line++;
    history.group(session, outcome, null, History.NO_TIME, History.NO_TIME);
  }

  private static @Nullable String value(Register register) {
    return register.hasValue() ? text(register.getValue()) : null;
  }

  private static @Nullable SeenVersion version(Register register) {
    return register.hasWrittenBy() ? seen(register.getWrittenBy().getVersion()) : null;
  }

  private static SeenVersion seen(Version version) {
    return new SeenVersion(
        version.getLamportTime(),
        version.getOrigin().getReplicaId(),
        version.getOrigin().getIncarnation());
  }

  private static String text(ByteString bytes) {
    return bytes.toStringUtf8();
  }
}
