package dev.tidings.simulation;

import com.google.protobuf.ByteString;
import dev.tidings.causal.Consistency;
import dev.tidings.causal.Session;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.clock.VersionVector;
import dev.tidings.harness.ClusterHistory;
import dev.tidings.harness.TestSession;
import dev.tidings.history.Outcome;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.FeedEntry;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.ReadResult;
import dev.tidings.v1.Register;
import dev.tidings.v1.SetPage;
import dev.tidings.v1.WriteInfo;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * All that was written, and what each session has to see of it, kept by the rules and apart from
 * the code under test: what answers say of each write, and, beside the checker and in another way,
 * feeds, a counter, and a set. Each method throws an {@link AssertionError} that says what is
 * wrong.
 */
final class Ledger {
  private static final Pattern VALUE = Pattern.compile("w\\d+\\.\\d+");

  /** Other writes' values, in a replica's story. */
  private static final Pattern REMOVED = Pattern.compile(" without [^;(]*");

  private final Consistency consistency;
  private final boolean logsAreCut;
  private final Function<Position, PositionSet> stableFor;
  private final List<Sent> sent = new ArrayList<>();
  private final Map<String, Sent> byValue = new HashMap<>();
  private final Map<Position, Sent> byPosition = new HashMap<>();

  /** Of logs that may have lost their end, with a disk or with a member: what is left at least. */
  private final Map<Origin, Long> kept = new HashMap<>();

  /** Where the writes are that sessions have read. */
  private final Set<Position> read = new HashSet<>();

  /** What sessions depended on that were told that they had seen a lost write. */
  private final List<PositionSet> told = new ArrayList<>();

  /**
   * @param logsAreCut whether replicas may say nothing of what a write depends on, since it is not
   *     in the log any more
   * @param stableFor what all replicas had shown when a write was accepted
   */
  Ledger(Consistency consistency, boolean logsAreCut, Function<Position, PositionSet> stableFor) {
    this.consistency = consistency;
    this.stableFor = stableFor;
    this.logsAreCut = logsAreCut;
  }

  /** A write that was sent to a replica. */
  static final class Sent {
    private final int number;
    private final List<Mutation> mutations;
    private final Known known;
    private Outcome outcome = Outcome.UNKNOWN;
    private @Nullable Position position;
    private @Nullable Version version;
    private boolean triedElsewhere;

    private Sent(int number, List<Mutation> mutations, Known known) {
      this.number = number;
      this.mutations = mutations;
      this.known = known;
    }

    List<Mutation> mutations() {
      return mutations;
    }

    /** Whether it consists of what is counted once, however many replicas accept it. */
    boolean countsOnce() {
      return mutations.stream()
          .allMatch(each -> each.hasAppend() || each.hasIncrement() || each.hasAdd());
    }

    /** More than one replica may have accepted it. */
    void triedElsewhere() {
      triedElsewhere = true;
    }

    boolean wasTriedElsewhere() {
      return triedElsewhere;
    }

    /** Whether it also depends on what its replica showed of what it changes. */
    private boolean looksUp() {
      return !mutations.stream()
          .allMatch(each -> each.hasPut() || each.hasDelete() || each.hasAppend());
    }

    /** Whether it changes the counter and the set that are compared. */
    private boolean isTallied() {
      return mutations.stream()
          .anyMatch(
              each ->
                  each.hasIncrement()
                      && each.getIncrement()
                          .getCounter()
                          .toStringUtf8()
                          .equals(Simulation.COUNTER));
    }

    private boolean appendsTo(String feed) {
      return mutations.stream()
          .anyMatch(
              each -> each.hasAppend() && each.getAppend().getFeed().toStringUtf8().equals(feed));
    }

    @Override
    public String toString() {
      return "write w%d%s".formatted(number, position == null ? "" : " at " + position);
    }
  }

  /** What a session has seen. */
  static final class Known {
    private final BitSet writes = new BitSet();
    private PositionSet dependencies = PositionSet.EMPTY;

    /** Whether that is what its next write has to declare: not past the bound of a session. */
    private boolean exact = true;

    private long lamportTime;

    private Known copy() {
      var copy = new Known();
      copy.writes.or(writes);
      copy.dependencies = dependencies;
      copy.exact = exact;
      copy.lamportTime = lamportTime;
      return copy;
    }

    PositionSet dependencies() {
      return dependencies;
    }

    /** As Alice's wait. */
    void advanceClock(int ticks) {
      lamportTime += ticks;
    }

    private void see(Sent write) {
      writes.or(write.known.writes);
      writes.set(write.number);
    }
  }

  /** The text that a mutation of the next write carries. */
  String nextValue(int place) {
    return "w%d.%d".formatted(sent.size(), place);
  }

  Sent send(Known known, List<Mutation> mutations) {
    var write = new Sent(sent.size(), List.copyOf(mutations), known.copy());
    sent.add(write);
    for (Mutation each : mutations) {
      if (each.hasPut()) {
        byValue.put(each.getPut().getValue().toStringUtf8(), write);
      } else if (each.hasAppend()) {
        byValue.put(each.getAppend().getValue().toStringUtf8(), write);
      } else if (each.hasAdd()) {
        byValue.put(each.getAdd().getElements(0).toStringUtf8(), write);
      } else if (each.hasMultiPut() && each.getMultiPut().hasValue()) {
        byValue.put(each.getMultiPut().getValue().toStringUtf8(), write);
      }
    }
    return write;
  }

  /**
   * What has been lost: what was on these disks, and on no others.
   *
   * @param gone what is on a disk that is lost, or whose replica is not of the cluster any more
   * @param others what is on the members' other disks
   */
  void lose(VersionVector gone, Collection<VersionVector> others) {
    gone.counts()
        .forEach(
            (origin, last) -> {
              long left = others.stream().mapToLong(held -> held.upTo(origin)).max().orElse(0);
              if (left < last) {
                kept.merge(origin, left, Math::min);
              }
            });
  }

  /** As {@link #lose}, of a log that may still grow where it has no reader. */
  void loseEnd(Origin origin, Collection<VersionVector> others) {
    kept.merge(
        origin, others.stream().mapToLong(held -> held.upTo(origin)).max().orElse(0), Math::min);
  }

  boolean mayBeLost(Position position) {
    return position.sequence() > kept.getOrDefault(position.origin(), Long.MAX_VALUE);
  }

  /** A session was told that it has seen a lost write. */
  void toldOfLoss(Known session) {
    if (session.exact) {
      told.add(session.dependencies);
    }
  }

  /** It was refused: it never happens. */
  void refused(Sent write) {
    write.outcome = Outcome.ABORTED;
    if (write.position != null) {
      throw new AssertionError(write + " was refused, and is there");
    }
  }

  void acknowledged(Sent write, Known session, ClientWriteResponse response) {
    write.outcome = Outcome.OK;
    stands(write, Wire.fromProto(response.getPosition()), Wire.fromProto(response.getVersion()));
    session.see(write);
    session.dependencies = PositionSet.of(Wire.fromProto(response.getPosition()));
    session.exact = true;
    session.lamportTime = response.getVersion().getLamportTime();
  }

  /** Where the write stands; always the same. */
  private void stands(Sent write, Position position, Version version) {
    Sent other = byPosition.putIfAbsent(position, write);
    if (other != null && other != write) {
      throw new AssertionError("%s and write w%d share a position".formatted(other, write.number));
    }
    if (write.position == null) {
      write.position = position;
      write.version = version;
      if (version.lamportTime() <= write.known.lamportTime) {
        throw new AssertionError(
            "%s has version %s, and its session was at Lamport time %d"
                .formatted(write, version, write.known.lamportTime));
      }
    } else if (!write.triedElsewhere
        && (!write.position.equals(position) || !version.equals(write.version))) {
      throw new AssertionError(
          "%s, version %s, is also at %s, version %s"
              .formatted(write, write.version, position, version));
    }
  }

  /** A session has read something. */
  void read(Known session, List<ReadItem> items, ClientReadResponse response) {
    for (ReadResult result : response.getResultsList()) {
      if (result.hasRegister()) {
        Register register = result.getRegister();
        if (register.hasWrittenBy()) {
          see(
              session,
              register.hasValue() ? register.getValue().toStringUtf8() : null,
              register.getWrittenBy());
        }
      } else if (result.hasFeed()) {
        seeAll(session, result.getFeed().getEntriesList());
      } else {
        seeAll(session, result.getMulti().getValuesList());
        ClusterHistory.writes(result).forEach(info -> see(session, null, info));
      }
    }
    long tally = 0;
    for (int i = 0; i < items.size(); i++) {
      ReadResult result = response.getResults(i);
      if (items.get(i).equals(TestSession.counter(Simulation.COUNTER))) {
        tally = result.getCounter().getValue();
      } else if (items.get(i).equals(TestSession.set(Simulation.SET))) {
        judge(tally, result.getSet(), session.writes);
      } else if (result.hasFeed()) {
        String feed = items.get(i).getFeed().getFeed().toStringUtf8();
        judge(feed, result.getFeed().getEntriesList(), session.writes);
      }
    }
  }

  private void seeAll(Known session, List<FeedEntry> entries) {
    entries.forEach(entry -> see(session, entry.getValue().toStringUtf8(), entry.getWrittenBy()));
  }

  private Sent written(String value) {
    Sent write = byValue.get(value);
    if (write == null) {
      throw new AssertionError(value + " was never written");
    }
    return write;
  }

  private void see(Known session, @Nullable String value, WriteInfo info) {
    Position position = Wire.fromProto(info.getPosition());
    Version version = Wire.fromProto(info.getVersion());
    // Nothing tells which delete without an answer this is.
    Sent write = value == null ? byPosition.get(position) : written(value);
    read.add(position);
    PositionSet seen = session.dependencies.with(position);
    session.exact &= seen.rangeCount() <= Session.MAX_EXACT_RANGES;
    session.dependencies = consistency.declared(seen);
    session.lamportTime = Math.max(session.lamportTime, version.lamportTime());
    if (write == null) {
      return;
    }
    if (write.outcome == Outcome.ABORTED) {
      throw new AssertionError(write + " was refused, and is there");
    }
    stands(write, position, version);
    PositionSet declared = Wire.fromProto(info.getDependencies());
    boolean isTold = !logsAreCut || !declared.isEmpty();
    PositionSet known = write.known.dependencies;
    PositionSet coarser = known.unionWhereShared(stableFor.apply(position));
    boolean isRight =
        declared.containsAll(known) && (write.looksUp() || coarser.containsAll(declared));
    if (isTold && write.known.exact && !isRight) {
      throw new AssertionError(
          "%s depends on %s, and its session had seen %s".formatted(write, declared, known));
    }
    session.see(write);
  }

  /** Each entry once, in the order of their versions, and none is missing that has to be there. */
  private void judge(String feed, List<FeedEntry> entries, BitSet writes) {
    Set<String> values = new HashSet<>();
    BitSet missing = (BitSet) writes.clone();
    @Nullable Version last = null;
    for (FeedEntry entry : entries) {
      String value = entry.getValue().toStringUtf8();
      Version version = Wire.fromProto(entry.getWrittenBy().getVersion());
      if (!values.add(value)) {
        throw new AssertionError("feed %s has %s twice".formatted(feed, value));
      }
      if (last != null && last.compareTo(version) >= 0) {
        throw new AssertionError(
            "feed %s has version %s before version %s".formatted(feed, last, version));
      }
      last = version;
      missing.clear(written(value).number);
    }
    for (int number = missing.nextSetBit(0); number >= 0; number = missing.nextSetBit(number + 1)) {
      if (sent.get(number).appendsTo(feed)) {
        throw new AssertionError(
            "feed %s lacks %s, which its reader has seen, or what it has seen depends on"
                .formatted(feed, sent.get(number)));
      }
    }
  }

  /** As many elements as were counted, and none is missing that has to be there. */
  private void judge(long tally, SetPage page, BitSet writes) {
    if (page.getElementsCount() != tally) {
      throw new AssertionError(
          "the counter is at %d, and the set has %s"
              .formatted(
                  tally, page.getElementsList().stream().map(ByteString::toStringUtf8).toList()));
    }
    BitSet missing = (BitSet) writes.clone();
    for (ByteString element : page.getElementsList()) {
      Sent write = written(element.toStringUtf8());
      if (write.outcome == Outcome.ABORTED) {
        throw new AssertionError(write + " was refused, and is there");
      }
      missing.clear(write.number);
    }
    for (int number = missing.nextSetBit(0); number >= 0; number = missing.nextSetBit(number + 1)) {
      if (sent.get(number).isTallied()) {
        throw new AssertionError(
            "the set lacks %s, which its reader has seen, or what it has seen depends on"
                .formatted(sent.get(number)));
      }
    }
  }

  /** A replica tells of each write once that it is visible. */
  void judgeStory(List<String> story) {
    Set<String> told = new HashSet<>();
    for (String line : story) {
      Matcher value = VALUE.matcher(REMOVED.matcher(line).replaceAll(""));
      if (!line.startsWith("stalled")
          && value.find()
          && !written(value.group()).triedElsewhere
          && !told.add(value.group())) {
        throw new AssertionError("it became visible before: " + line);
      }
    }
  }

  /**
   * All is healed: a replica shows everything that is not lost.
   *
   * @param stalled what it holds and never shows, since what it depends on is lost, as has been
   *     checked: a write that looks up what it changes depends on more than its session has seen
   * @return whether anything is lost
   */
  boolean end(
      List<ReadItem> items,
      ClientReadResponse response,
      PositionSet frontier,
      Set<Position> stalled) {
    var all = new Known();
    // Of a write without an answer that changed a counter or a set nothing tells which it is.
    boolean isLost =
        read.stream().anyMatch(position -> !frontier.contains(position) && mayBeLost(position));
    for (Sent write : sent) {
      if (write.position == null) {
        if (write.outcome == Outcome.OK) {
          throw new AssertionError(write + " was acknowledged, and nobody knows where it is");
        }
      } else if (frontier.contains(write.position)) {
        if (write.outcome == Outcome.OK) {
          all.writes.set(write.number);
        }
      } else if (isLost(write, frontier) || stalled.contains(write.position)) {
        isLost = true;
      } else {
        throw new AssertionError(
            write + " was acknowledged, or read, and is not there; kept are " + kept);
      }
    }
    read(all, items, response);
    for (PositionSet dependencies : told) {
      if (frontier.containsAll(dependencies)) {
        throw new AssertionError(
            "a session was told that it had seen a lost write, but had seen only " + dependencies);
      }
    }
    return isLost;
  }

  /** Whether its loss, or the loss of what it depends on, is explained. */
  private boolean isLost(Sent write, PositionSet frontier) {
    return isGone(write, frontier)
        || write.known.writes.stream().anyMatch(number -> isGone(sent.get(number), frontier));
  }

  private boolean isGone(Sent write, PositionSet frontier) {
    return write.position != null
        && !frontier.contains(write.position)
        && mayBeLost(write.position);
  }
}
