package dev.tidings.history;

import dev.tidings.history.Explainer.Evidence;
import dev.tidings.history.Guarantees.Broken;
import dev.tidings.history.Hop.Kind;
import dev.tidings.history.ObjectOperation.Reading;
import dev.tidings.history.Reads.Older;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Looks for what a model forbids, and for the smallest example of it. */
final class Search {
  /** Of how many writes, or reads, that would do for an explanation, the shortest is taken. */
  private static final int ALTERNATIVES = 32;

  private final History history;
  private final Model model;
  private final Sources sources;
  private final CausalOrder order;
  private final Writes writes;
  private final Reads reads;
  private @Nullable Paths paths;

  /**
   * A read that returned something older than a write it knew.
   *
   * @param toNewer from the source to the newer write; empty unless it is older causally
   * @param toRead from the newer write to the read
   */
  private record OlderRead(int read, int newer, Older how, List<Hop> toNewer, List<Hop> toRead) {
    int hops() {
      return toNewer.size() + toRead.size();
    }
  }

  Search(History history, Model model, Sources sources, CausalOrder order) {
    this.history = history;
    this.model = model;
    this.sources = sources;
    this.order = order;
    writes = new Writes(history, sources, order);
    reads = new Reads(history, model, sources, order, writes);
  }

  private Paths paths() {
    if (paths == null) {
      paths = new Paths(history, sources, order);
    }
    return paths;
  }

  /** What is wrong whatever the model, and without looking at what could have been read. */
  Optional<Violation> plainViolation() {
    return fault()
        .or(this::objectFault)
        .or(this::causalCycle)
        .or(this::divergence)
        .or(this::objectDivergence);
  }

  private Optional<Violation> objectFault() {
    return sources.objects().faults().stream()
        .min(Comparator.comparingInt(ObjectSources.Fault::reading))
        .map(
            fault ->
                new Violation(fault.pattern(), null, Explainer.fault(history, sources, fault)));
  }

  private Optional<Violation> fault() {
    var faults = new ArrayList<>(sources.faults());
    sources.faultsOfUnknown().stream().filter(this::happened).forEach(faults::add);
    return faults.stream()
        .min(Comparator.comparingInt(Sources.Fault::operation))
        .map(
            fault ->
                new Violation(fault.pattern(), null, Explainer.fault(history, sources, fault)));
  }

  private boolean happened(Sources.Fault fault) {
    return order.happened(history.group(fault.operation()))
        && (fault.pattern() != Pattern.VERSION_CLASH
            || order.happened(history.group(fault.other())));
  }

  private Optional<Violation> causalCycle() {
    return order.isAcyclic()
        ? Optional.empty()
        : paths()
            .cycle(new Edges(), new Edges())
            .map(
                cycle ->
                    new Violation(
                        Pattern.CYCLIC_CO, null, Explainer.causalCycle(history, sources, cycle)));
  }

  private Optional<Violation> divergence() {
    Map<Integer, Integer> first = new HashMap<>();
    for (int group = 0; group < history.groups(); group++) {
      for (int op = history.begin(group); history.isFinal(group) && op < history.end(group); op++) {
        Integer other = first.putIfAbsent(history.key(op), op);
        if (other != null
            && (history.value(other) != history.value(op) || otherVersion(other, op))) {
          return Optional.of(
              new Violation(
                  Pattern.DIVERGED, null, Explainer.diverged(history, sources, other, op)));
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Violation> objectDivergence() {
    for (ObjectSources.Log log : sources.objects().logs()) {
      List<Integer> finals =
          log.readings.stream().filter(op -> history.isFinal(history.group(op))).toList();
      for (int op : finals) {
        var first = (Reading) history.object(finals.get(0));
        var held = (Reading) history.object(op);
        if (held.count() != first.count() || !held.seen().equals(first.seen())) {
          return Optional.of(
              new Violation(
                  Pattern.DIVERGED, null, Explainer.diverged(history, sources, finals.get(0), op)));
        }
      }
    }
    return Optional.empty();
  }

  /** A reading of an object that nothing explains. Computes the clocks of all groups. */
  Optional<Violation> objectViolation() {
    order.visit(true, group -> {});
    return new ObjectJudge(history, sources, order)
        .firstFinding()
        .map(
            finding -> {
              int reader = history.group(finding.reading());
              boolean isFinal = history.isFinal(reader);
              List<Hop> path =
                  finding.pattern() == Pattern.MISSING_UPDATE && !isFinal
                      ? way(history.group(finding.update()), reader)
                      : List.of();
              return new Violation(
                  finding.pattern() == Pattern.MISSING_UPDATE && isFinal
                      ? Pattern.LOST_WRITE
                      : finding.pattern(),
                  guarantee(path),
                  Explainer.finding(history, sources, finding, this::way));
            });
  }

  private List<Hop> way(int from, int to) {
    boolean isBefore =
        from != to && order.happened(from) && order.happened(to) && order.isBefore(from, to);
    return isBefore
        ? paths().to(to, group -> group == from, Integer.MAX_VALUE).orElseThrow()
        : List.of();
  }

  /** Replicas may differ in whether they still know of a delete. */
  private boolean otherVersion(int one, int other) {
    return history.value(one) != History.ABSENT && sources.of(one) != sources.of(other);
  }

  /** Whether there is one order of each key's writes that explains all reads. */
  boolean converges(LongConsumer progress) {
    var arbitration = new Arbitration(history, sources, order, writes, reads);
    long[] done = {0};
    order.visit(
        false,
        group -> {
          arbitration.visit(group);
          progress.accept(++done[0]);
        });
    if (arbitration.initialMissed()) {
      return false;
    }
    var all = new Edges();
    all.addAll(order.edges());
    all.addAll(arbitration.newer());
    all.addAll(arbitration.versions());
    return Graph.of(order.groups(), all).topologicalOrder().length == order.groups();
  }

  /** Computes the clocks of all groups, which {@link #violation} needs too. */
  Map<Guarantee, Broken> brokenGuarantees(LongConsumer progress) {
    long[] done = {0};
    order.visit(true, group -> progress.accept(++done[0]));
    return Guarantees.find(history, sources, order, writes, reads);
  }

  /** The smallest violation of the model. */
  Optional<Violation> violation(Map<Guarantee, Broken> broken) {
    Optional<OlderRead> read = smallestOlderRead(broken);
    if (model == Model.CCV) {
      int most = read.map(found -> found.hops() - 1).orElse(Integer.MAX_VALUE);
      Optional<Violation> clash = versionsAgainstCausality(most);
      if (clash.isPresent()) {
        return clash;
      }
    }
    return read.map(this::explain)
        .or(
            () ->
                switch (model) {
                  case SESSION -> Optional.empty();
                  case CC -> halfRead();
                  case CCV -> conflict();
                });
  }

  /** A write that has a lower version than another one of its key that is causally before it. */
  private Optional<Violation> versionsAgainstCausality(int atMost) {
    if (!writes.haveVersions()) {
      return Optional.empty();
    }
    @Nullable Violation best = null;
    int most = atMost;
    for (int write = 0; write < history.registerOperations(); write++) {
      int key = history.key(write);
      int rank = writes.rank(write);
      if (rank == 0 || !order.happened(history.group(write)) || !knowsNewer(write)) {
        continue;
      }
      Optional<List<Hop>> path =
          paths().to(history.group(write), group -> rankOf(group, key) > rank, most);
      if (path.isPresent()) {
        int newer = writeOf(path.get().get(0).from(), key);
        best =
            new Violation(
                Pattern.CYCLIC_CF,
                null,
                Explainer.versionsAgainstCausality(history, sources, newer, path.get(), write));
        most = path.get().size() - 1;
      }
      if (best != null && paths().isExhausted()) {
        break;
      }
    }
    return Optional.ofNullable(best);
  }

  private boolean knowsNewer(int write) {
    int key = history.key(write);
    for (int run = writes.beginRun(key); run < writes.endRun(key); run++) {
      int entry = reads.latestKnown(history.group(write), run);
      if (entry >= 0 && writes.rank(writes.operation(writes.newest(entry))) > writes.rank(write)) {
        return true;
      }
    }
    return false;
  }

  private int rankOf(int group, int key) {
    int write = writeOf(group, key);
    return write < 0 ? 0 : writes.rank(write);
  }

  private Optional<OlderRead> smallestOlderRead(Map<Guarantee, Broken> broken) {
    @Nullable OlderRead best = null;
    if (model == Model.SESSION) {
      for (Broken each : broken.values()) {
        OlderRead found = olderRead(each);
        best = best == null || found.hops() < best.hops() ? found : best;
      }
    }
    int[] suspects = suspects();
    for (int read : suspects) {
      if (best != null && paths().isExhausted()) {
        break;
      }
      @Nullable OlderRead found =
          smallest(read, best == null ? Integer.MAX_VALUE : best.hops() - 1);
      best = found == null ? best : found;
    }
    return Optional.ofNullable(best);
  }

  private OlderRead olderRead(Broken broken) {
    @Nullable Older how = reads.older(broken.read(), broken.newer());
    if (how != Older.CAUSALLY) {
      return new OlderRead(
          broken.read(),
          broken.newer(),
          how == null ? Older.INITIAL : how,
          List.of(),
          broken.path());
    }
    int source = history.group(sources.of(broken.read()));
    List<Hop> toNewer =
        paths()
            .to(history.group(broken.newer()), group -> group == source, Integer.MAX_VALUE)
            .orElseThrow();
    return new OlderRead(broken.read(), broken.newer(), how, toNewer, broken.path());
  }

  /** The reads that returned something older. */
  private int[] suspects() {
    var suspects = new Ints();
    for (int group = 0; group < history.groups(); group++) {
      if (!order.happened(group) || (model == Model.SESSION && !history.isFinal(group))) {
        continue;
      }
      reads.examine(
          group,
          (read, run, entry) -> {
            boolean found = reads.older(read, writes.operation(entry)) != null;
            if (found) {
              suspects.add(read);
            }
            return !found;
          });
    }
    return suspects.toArray();
  }

  private @Nullable OlderRead smallest(int read, int atMost) {
    int group = history.group(read);
    int key = history.key(read);
    @Nullable OlderRead best = null;
    Optional<List<Hop>> direct =
        paths()
            .to(
                group,
                writer -> {
                  int write = writeOf(writer, key);
                  @Nullable Older how = write < 0 ? null : reads.older(read, write);
                  return how != null && how != Older.CAUSALLY;
                },
                atMost);
    if (direct.isPresent()) {
      int newer = writeOf(direct.get().get(0).from(), key);
      @Nullable Older how = reads.older(read, newer);
      if (how != null) {
        best = new OlderRead(read, newer, how, List.of(), direct.get());
      }
    }
    for (int newer : causallyNewer(read)) {
      int most = best == null ? atMost : Math.min(atMost, best.hops() - 1);
      int writer = history.group(newer);
      int source = history.group(sources.of(read));
      Optional<List<Hop>> toRead = paths().to(group, g -> g == writer, most - 1);
      Optional<List<Hop>> toNewer =
          toRead.flatMap(path -> paths().to(writer, g -> g == source, most - path.size()));
      if (toRead.isPresent() && toNewer.isPresent()) {
        best = new OlderRead(read, newer, Older.CAUSALLY, toNewer.get(), toRead.get());
      }
    }
    return best;
  }

  /** Writes of the key causally between a read's source and the read. */
  private int[] causallyNewer(int read) {
    var newer = new Ints();
    int key = history.key(read);
    for (int run = writes.beginRun(key); sources.of(read) >= 0 && run < writes.endRun(key); run++) {
      for (int entry = reads.latestKnown(history.group(read), run);
          entry >= writes.begin(run) && newer.size() < ALTERNATIVES;
          entry--) {
        if (reads.older(read, writes.operation(entry)) != Older.CAUSALLY) {
          break;
        }
        newer.add(writes.operation(entry));
      }
    }
    return newer.toArray();
  }

  /** The last write of a key by a group, or -1. */
  private int writeOf(int group, int key) {
    for (int op = history.end(group) - 1; op >= history.begin(group); op--) {
      if (history.isWrite(op) && history.key(op) == key) {
        return op;
      }
    }
    return -1;
  }

  private static String shape(List<Hop> path) {
    return path.stream()
        .map(hop -> hop.kind() == Kind.SESSION ? "S" : "R")
        .collect(Collectors.joining());
  }

  /** The guarantee that a read breaks which does not know what is before it on this path. */
  private static @Nullable Guarantee guarantee(List<Hop> path) {
    return switch (shape(path)) {
      case "S" -> Guarantee.READ_YOUR_WRITES;
      case "RS" -> Guarantee.MONOTONIC_READS;
      case "SR", "SRS" -> Guarantee.MONOTONIC_WRITES;
      case "RR", "RRS", "RSR", "RSRS" -> Guarantee.WRITES_FOLLOW_READS;
      default -> null;
    };
  }

  private Violation explain(OlderRead found) {
    String shape = shape(found.toRead());
    @Nullable Guarantee guarantee = guarantee(found.toRead());
    boolean isFinal = history.isFinal(history.group(found.read()));
    Pattern pattern =
        isFinal
            ? Pattern.LOST_WRITE
            : shape.equals("R")
                ? Pattern.HALF_READ
                : switch (found.how()) {
                  case INITIAL -> Pattern.WRITE_CO_INIT_READ;
                  case CAUSALLY -> Pattern.WRITE_CO_READ;
                  case BY_VERSION -> Pattern.CYCLIC_CF;
                };
    return new Violation(
        pattern,
        isFinal ? null : guarantee,
        Explainer.olderRead(
            history,
            sources,
            found.read(),
            found.newer(),
            found.how(),
            found.toNewer(),
            found.toRead()));
  }

  /** Reads that no one order of each key's writes explains. */
  private Optional<Violation> conflict() {
    var arbitration = new Arbitration(history, sources, order, writes, reads);
    for (int group = 0; group < order.groups(); group++) {
      if (order.happened(group)) {
        arbitration.visit(group);
      }
    }
    Graph causal = Graph.of(order.groups(), order.edges());
    return paths()
        .cycle(arbitration.newer(), arbitration.versions())
        .map(cycle -> explainConflict(cycle, causal));
  }

  private Violation explainConflict(List<Hop> cycle, Graph causal) {
    Map<Hop, Evidence> evidence =
        cycle.stream()
            .filter(hop -> hop.kind() == Kind.NEWER)
            .collect(Collectors.toMap(hop -> hop, hop -> evidence(hop, causal)));
    return conflict(cycle, evidence);
  }

  private Violation conflict(List<Hop> cycle, Map<Hop, Evidence> evidence) {
    boolean half =
        evidence.values().stream()
            .anyMatch(each -> each.path().size() == 1 && each.path().get(0).kind() == Kind.READ);
    return new Violation(
        half ? Pattern.HALF_READ : Pattern.CYCLIC_CF,
        null,
        Explainer.conflictCycle(
            history, sources, cycle, hop -> Objects.requireNonNull(evidence.get(hop))));
  }

  /** The nearest read of the newer write, of those that knew the older. */
  private Evidence evidence(Hop hop, Graph causal) {
    @Nullable Evidence best = null;
    int tried = 0;
    for (int edge = causal.begin(hop.to());
        edge < causal.end(hop.to()) && (best == null || tried < ALTERNATIVES);
        edge++) {
      int reader = causal.target(edge);
      if (!order.isBefore(hop.from(), reader)) {
        continue;
      }
      for (int read = history.begin(reader); read < history.end(reader); read++) {
        int older = writeOf(hop.from(), history.key(read));
        if (sources.of(read) >= 0 && history.group(sources.of(read)) == hop.to() && older >= 0) {
          tried++;
          int most = best == null ? Integer.MAX_VALUE : best.path().size() - 1;
          Optional<List<Hop>> path = paths().to(reader, group -> group == hop.from(), most);
          if (path.isPresent()) {
            best = new Evidence(read, older, path.get());
          }
        }
      }
    }
    if (best == null) {
      throw new IllegalStateException("no read says " + hop);
    }
    return best;
  }

  /**
   * A group whose reads no order of what is before it explains, though each by itself could be: it
   * saw a part of one group without another part.
   */
  private Optional<Violation> halfRead() {
    for (int group = 0; group < history.groups(); group++) {
      if (order.happened(group) && history.size(group) > 1) {
        Optional<Violation> found = new GroupRead(group).violation();
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /** The order that the reads of one group, taken together, ask for. */
  private final class GroupRead {
    private final List<Integer> externalReads = new ArrayList<>();
    private final int group;

    GroupRead(int group) {
      this.group = group;
      for (int op = history.begin(group); op < history.end(group); op++) {
        if (sources.of(op) >= 0 && sources.isExternalRead(op)) {
          externalReads.add(op);
        }
      }
    }

    private int source(int i) {
      return history.group(sources.of(externalReads.get(i)));
    }

    Optional<Violation> violation() {
      int reads = externalReads.size();
      for (int start = 0; start < reads; start++) {
        int[] cameFrom = new int[reads];
        Arrays.fill(cameFrom, -1);
        var queue = new Ints();
        queue.add(start);
        for (int i = 0; i < queue.size(); i++) {
          int one = queue.get(i);
          for (int other = 0; other < reads; other++) {
            if (cameFrom[other] < 0 && source(one) != source(other) && mustPrecede(one, other)) {
              cameFrom[other] = one;
              queue.add(other);
            }
          }
        }
        if (cameFrom[start] >= 0) {
          return Optional.of(explain(start, cameFrom));
        }
      }
      return Optional.empty();
    }

    private boolean mustPrecede(int one, int other) {
      return order.isBefore(source(one), source(other)) || skipped(one, other) >= 0;
    }

    /** A write that the other read did not return, at or after the one's source; or -1. */
    private int skipped(int one, int other) {
      int key = history.key(externalReads.get(other));
      for (int run = writes.beginRun(key); run < writes.endRun(key); run++) {
        int entry = reads.latestKnown(group, run);
        if (entry >= 0
            && writes.group(entry) != source(other)
            && (writes.group(entry) == source(one)
                || order.isBefore(source(one), writes.group(entry)))) {
          return writes.operation(entry);
        }
      }
      return -1;
    }

    private Violation explain(int start, int[] cameFrom) {
      var cycle = new ArrayList<Hop>();
      var evidence = new HashMap<Hop, Evidence>();
      int other = start;
      do {
        int one = cameFrom[other];
        int skipped = skipped(one, other);
        int reached = skipped < 0 ? source(other) : history.group(skipped);
        var part = new ArrayList<Hop>(way(source(one), reached));
        if (skipped >= 0) {
          Hop hop = new Hop(Kind.NEWER, reached, source(other));
          evidence.put(hop, new Evidence(externalReads.get(other), skipped, way(reached, group)));
          part.add(hop);
        }
        cycle.addAll(0, part);
        other = one;
      } while (other != start);
      return conflict(cycle, evidence);
    }

    private List<Hop> way(int from, int to) {
      return from == to
          ? List.of()
          : paths().to(to, g -> g == from, Integer.MAX_VALUE).orElseThrow();
    }
  }
}
