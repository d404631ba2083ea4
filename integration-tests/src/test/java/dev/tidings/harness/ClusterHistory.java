package dev.tidings.harness;

import com.google.protobuf.ByteString;
import dev.tidings.clock.Position;
import dev.tidings.history.Checker;
import dev.tidings.history.History;
import dev.tidings.history.Judgement;
import dev.tidings.history.Model;
import dev.tidings.history.Outcome;
import dev.tidings.history.SeenVersion;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.Register;
import dev.tidings.v1.Version;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What sessions saw of a cluster's registers k0, k1, …, for the checker. */
public final class ClusterHistory {
  private final List<Entry> entries = new ArrayList<>();

  /**
   * Something that a session did.
   *
   * @param session empty for what a replica holds in the end
   * @param positions of the writes that it has seen by it, its own included
   */
  private record Entry(
      String session, List<Position> positions, ObjIntConsumer<History.Builder> record) {}

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
    @Nullable SeenVersion version = response == null ? null : seen(response.getVersion());
    entries.add(
        new Entry(
            session,
            response == null ? List.of() : List.of(Wire.fromProto(response.getPosition())),
            (history, line) -> {
              begin(history, session, outcome);
              for (Mutation each : registers) {
                if (each.hasPut()) {
                  String value = text(each.getPut().getValue());
                  history.write(line, text(each.getPut().getKey()), value, version);
                } else {
                  history.write(line, text(each.getDelete().getKey()), null, version);
                }
              }
            }));
  }

  /** Records what a read of registers from {@code from} on has answered. */
  public void read(String session, int from, List<Register> registers) {
    entries.add(
        new Entry(
            session,
            registers.stream()
                .filter(Register::hasWrittenBy)
                .map(each -> Wire.fromProto(each.getWrittenBy().getPosition()))
                .toList(),
            (history, line) -> {
              begin(history, session, Outcome.OK);
              for (int i = 0; i < registers.size(); i++) {
                String key = "k" + (from + i);
                Register register = registers.get(i);
                if (register.getNeverWritten()) {
                  history.readNeverWritten(line, key);
                } else {
                  history.read(line, key, value(register), version(register));
                }
              }
            }));
  }

  /**
   * Records what a replica holds in the end, from k0 on. Of what is absent one replica may have
   * forgotten when it was deleted, and another not: so nothing is said of that.
   */
  public void end(int replica, List<Register> registers) {
    for (int k = 0; k < registers.size(); k++) {
      String key = "k" + k;
      Register register = registers.get(k);
      entries.add(
          new Entry(
              "",
              List.of(),
              (history, line) ->
                  history.finalValue(
                      line,
                      Integer.toString(replica),
                      key,
                      value(register),
                      register.hasValue() ? version(register) : null)));
    }
  }

  /** The registers of an answer. */
  public static List<Register> registers(ClientReadResponse response) {
    return response.getResultsList().stream()
        .filter(result -> result.hasRegister())
        .map(result -> result.getRegister())
        .toList();
  }

  /** By causal convergence, from which the session guarantees follow. */
  public Judgement judge() {
    return judge(entries);
  }

  /**
   * As {@link #judge()}, where writes have been lost: first all that sessions saw while these were
   * there; and if that is causal, what the replicas hold in the end, and what sessions saw before
   * they had seen one of them. Nothing in it has seen what is left out, or it would have seen a
   * lost write too.
   */
  public Judgement judge(Predicate<Position> isThere) {
    Judgement all = judge(entries.stream().filter(entry -> !entry.session.isEmpty()).toList());
    if (all.violation().isPresent()) {
      return all;
    }
    Set<String> ended = new HashSet<>();
    var surviving = new ArrayList<Entry>();
    for (Entry entry : entries) {
      if (!entry.positions.stream().allMatch(isThere)) {
        ended.add(entry.session);
      }
      if (!ended.contains(entry.session)) {
        surviving.add(entry);
      }
    }
    return judge(surviving);
  }

  private static Judgement judge(List<Entry> entries) {
    var history = new History.Builder();
    for (int i = 0; i < entries.size(); i++) {
      entries.get(i).record.accept(history, i + 1);
    }
    return Checker.judge(history.build(), Model.CCV, groups -> {});
  }

  private static void begin(History.Builder history, String session, Outcome outcome) {
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
