package dev.tidings.simulation;

import java.util.List;

/**
 * A way to get it wrong.
 *
 * @param name what is wrong
 * @param changes to the sources of the product
 */
record Mutant(String name, List<Change> changes) {
  /**
   * @param file below {@code dev/tidings} of the module's sources, without {@code .java}
   * @param text what stands there exactly once
   */
  record Change(String module, String file, String text, String replacement) {}

  static Mutant of(String name, Change... changes) {
    return new Mutant(name, List.of(changes));
  }

  private static Change core(String file, String text, String replacement) {
    return new Change("core", file, text, replacement);
  }

  private static Change replica(String file, String text, String replacement) {
    return new Change("replica", "replica/" + file, text, replacement);
  }

  @Override
  public String toString() {
    return name;
  }

  private static final String CORE = "causal/CausalReplica";

  /** Limits that a run never reaches, made so small that it does. Nothing is wrong with it. */
  static final Mutant SMALL =
      of(
          "small limits",
          core("causal/TimeTable", "STABLE_STEP = 256;", "STABLE_STEP = 2;"),
          replica("Housekeeping", "MIN_CUT = 100;", "MIN_CUT = 1;"),
          replica("Housekeeping", "AT_ONCE = 1_000;", "AT_ONCE = 2;"),
          replica("Inflow", "MAX_STALLED_WRITES = 10_000;", "MAX_STALLED_WRITES = 4;"),
          replica("link/PeerLink", "MAX_BATCH_WRITES = 1_000;", "MAX_BATCH_WRITES = 3;"),
          replica("link/PeerLink", "MAX_PAGE_BYTES = 512 << 10;", "MAX_PAGE_BYTES = 100;"),
          replica("storage/Staging", "BATCH_BYTES = 1 << 20;", "BATCH_BYTES = 100;"));

  static final List<Mutant> ALL =
      List.of(
          of(
              "no dependency check",
              core(
                  CORE, "if (isVisible(consistency.declared(write.dependencies())))", "if (true)")),
          of(
              "only the last dependency is checked",
              core(
                  CORE,
                  "return frontier.containsAll(positions);",
                  "return positions.isEmpty() || frontier.contains(positions.last());")),
          of(
              "a dependency by its origin only: any of that origin's writes will do",
              core(
                  CORE,
                  "return frontier.containsAll(positions);",
                  """
                  var all = new boolean[] {true};
                  positions.forEachRange((o, first, last) -> all[0] &= frontier.upTo(o) > 0);
                  return all[0];
                  """)),
          of(
              "a wake-up does not look at the other dependencies",
              core(
                  CORE,
                  """
                  for (Waiting waiting : woken) {
                          if (!isVisible(waiting.needs())) {
                  """,
                  "for (Waiting waiting : woken) { if (false) {")),
          of(
              "a write depends on all that is visible",
              core(
                  CORE,
                  "consistency.declared(session.dependencies()),",
                  "consistency.declared(frontier),")),
          of(
              "what one other shows counts as shown by all",
              core(
                  "causal/TimeTable",
                  "least = Math.min(least, other.map(o -> row(o).visible().upTo(origin)).orElse(0L));",
                  "least = other.map(o -> row(o).visible().upTo(origin)).orElse(least);")),
          of(
              "what is stable of any origin is depended on",
              core("causal/Session", "exact.unionWhereShared(stable)", "exact.union(stable)")),
          of(
              "what is stable takes the place of what was read",
              core("causal/Session", "exact.unionWhereShared(stable)", "stable")),
          of(
              "a read forgets what was read before",
              core("causal/Session", "dependencies.union(readFrom)", "readFrom")),
          of(
              "a session forgets its own write",
              core("causal/Session", "PositionSet.of(position))", "dependencies)")),
          of(
              "a delete leaves nothing behind",
              replica(
                  "storage/LiveData",
                  "if (set(name, stored(write, Optional.empty()))) {",
                  "ahead.delete(Table.REGISTERS, Keys.register(edition, name)); if (false) {")),
          of(
              "an absence does not depend on its delete",
              replica(
                  "Reader",
                  "stored.ifPresent(this::note);",
                  "stored.filter(s -> s.value().isPresent()).ifPresent(this::note);")),
          of(
              "no max + 1 on a receipt",
              core(
                  CORE,
                  "clock.receive(write.version().lamportTime(), delayTicks)",
                  "clock.time()")),
          of(
              "no max + 1 on a write",
              core(
                  "clock/LamportClock",
                  "advanceTo(Math.max(time, stampTicks) + 1)",
                  "advanceTo(time + 1)")),
          of(
              "the Lamport clock is forgotten at a restart",
              core(CORE, "new LamportClock(progress.lamportTime())", "new LamportClock(0)")),
          of(
              "the last arrival wins",
              replica(
                  "storage/LiveData",
                  "if (newest != null && newest.compareTo(value.version()) >= 0)",
                  "if (false)")),
          of(
              "of two versions with one Lamport time the first arrival wins",
              replica(
                  "storage/LiveData",
                  "newest.compareTo(value.version()) >= 0",
                  "newest.lamportTime() >= value.version().lamportTime()")),
          of(
              "of a register's own writes it is not remembered that they are newer",
              replica(
                  "storage/LiveData",
                  "recent.put(ofRecent, value.version());",
                  "if (!value.position().origin().equals(self)) recent.put(ofRecent, value.version());")),
          of(
              "positions are used again after a restart",
              core(CORE, "this.held = progress.held();", "this.held = VersionVector.EMPTY;")),
          of(
              "a stalled write is lost at a restart",
              core(CORE, "stalledWrites.forEach(write -> stall(write, nowMicros));", "")),
          of(
              "a duplicate is applied twice",
              core(CORE, "if (position.sequence() <= heldUpTo)", "if (false)")),
          of(
              "a gap is not noticed",
              core(CORE, "if (position.sequence() > heldUpTo + 1)", "if (false)")),
          of(
              "answered before the sync",
              replica("ClientWrites", ": succeed);", ": () -> {}); succeed.run();")),
          of(
              "sent before the sync",
              replica(
                  "GroupCommit",
                  "underWay = now;",
                  """
                  underWay = now;
                  durable = core.progress();
                  onCommit.run();
                  """),
              replica(
                  "Replica",
                  "ownRow = rowNow();\n    if (ownRow",
                  "ownRow = rowNow(); links.onNews(news());\n    if (ownRow")),
          of(
              "acknowledged to the peer before the sync",
              replica(
                  "Replica",
                  "commit.afterwards(() -> stream.held(heldUpTo));",
                  "stream.held(heldUpTo);")),
          of(
              "one more replica is counted than holds the write",
              replica("Acknowledgements", "int count = 1;", "int count = 2;")),
          of(
              "the token is ignored by reads",
              replica("Replica", "if (view.frontier().containsAll(needs))", "if (true)")),
          of(
              "the token is ignored by writes",
              replica("Replica", "if (!core.isVisible(dependencies))", "if (false)"),
              core(CORE, "if (!isVisible(session.dependencies()))", "if (false)")),
          of(
              "a torn read: the frontier of the loop, the data of the disk",
              replica(
                  "Replica",
                  "if (view.frontier().containsAll(needs))",
                  "if (core.progress().frontier().containsAll(needs))")),
          of(
              "a torn read: each item at a moment of its own",
              replica(
                  "storage/ReplicaStore",
                  "Snapshot snapshot = tables.snapshot();",
                  """
                  Snapshot snapshot =
                      new KeyValueStore.Snapshot() {
                        @Override
                        public long number() {
                          return -1;
                        }

                        @Override
                        public byte @Nullable [] get(Table table, byte[] key) {
                          return tables.get(table, key);
                        }

                        @Override
                        public KeyValueStore.Cursor scan(Table table, byte[] from) {
                          return tables.snapshot().scan(table, from);
                        }

                        @Override
                        public void close() {}
                      };
                  """)),
          of(
              "a read keeps to an old moment",
              replica("storage/ReplicaStore", "current.generation() != now.generation()", "false")),
          of(
              "a request that is repeated is carried out twice",
              replica(
                  "ClientWrites",
                  "if (last.isPresent() && number <= last.get().number())",
                  "if (false)")),
          of(
              "the commit forgets the frontier",
              replica(
                  "storage/ReplicaStore",
                  "Records.progress(progress));",
                  """
                  Records.progress(new Progress(progress.lamportTime(), progress().frontier(),
                      progress.held())));
                  """)),
          of(
              "frontier and data are two batches",
              replica(
                  "storage/ReplicaStore",
                  "long number = batch.commit();",
                  """
                  long number = batch.commit();
                  try (Batch second = tables.batch()) {
                    second.put(Table.META, PROGRESS, Records.progress(progress));
                    second.commit();
                  }
                  """),
              replica(
                  "storage/ReplicaStore",
                  "batch.put(Table.META, PROGRESS, Records.progress(progress));\n        batched",
                  "batched")),
          of(
              "what a full disk could not take is forgotten",
              replica(
                  "GroupCommit",
                  "underWay(before.changes(), before.progress()",
                  "underWay(store.begin(), before.progress()")),
          of(
              "a round does not see what is still being written",
              replica(
                  "storage/ReplicaStore",
                  "if (before != null && before.written)",
                  "if (before != null)")),
          of(
              "what is written later is durable already",
              replica("GroupCommit", "durable = it.progress();", "durable = core.progress();")),
          of(
              "only the first mutation of a write is applied",
              replica(
                  "storage/LiveData",
                  "for (Mutation mutation : write.mutations())",
                  "for (Mutation mutation : write.mutations().subList(0, 1))")),
          of(
              "nobody who waits is told",
              core(CORE, "effects.add(new Effect.Released(waiter.id));", "")),
          of(
              "a link resumes from the wrong place",
              replica("link/PeerLink", "want.getAfter())", "want.getAfter() + 1)")),
          of("nobody relays", replica("Inflow", "if (!isDown(origin)) {", "if (true) {")),
          of(
              "one who has less is asked to relay",
              replica(
                  "Inflow",
                  "heldBy(peer, origin) > heldBy(best, origin)",
                  "heldBy(peer, origin) < heldBy(best, origin)"),
              replica(
                  "Inflow",
                  "best != null && heldBy(best, origin) > heldUpTo(origin)",
                  "best != null")),
          of(
              "nobody relays a log that has ended",
              replica(
                  "Inflow",
                  "if (!isDown(origin)) {",
                  "if (!isDown(origin) || membership.rank(origin) == Membership.Rank.ENDED) {")),
          of(
              "the pause of a stalled log never ends",
              replica("Inflow", "!isBeyond(core.stalledLoad(origin), 2)", "false")),
          of(
              "a log is cut though one member needs it",
              replica("Housekeeping", ".min()", ".max()")),
          of(
              "stalled writes are cut off",
              replica("Housekeeping", "Math.min(held, durable.frontier().upTo(origin));", "held;")),
          of(
              "a snapshot is installed without its frontier",
              core(CORE, "frontier = frontier.union(visible);", "")),
          of(
              "a snapshot does not raise what is held",
              core(CORE, "held = held.merge(frontier.prefixes());", "")),
          of(
              "a reborn replica serves before it has caught up",
              replica("CatchUp", "here.dominates(answer.getValue())", "true")),
          of(
              "a reborn replica does not ask what others have",
              replica("CatchUp", "(waitsForAll && !silent().isEmpty())) {", "false) {")),
          of(
              "members are whom the last arrival names",
              core("causal/Membership", "isLater(said, known) ? said : known", "said")),
          of(
              "a removal is undone by one who has not heard of it",
              core(
                  "causal/Membership",
                  "said.member.removals() != known.member.removals()",
                  "false")),
          of(
              "a removed origin's writes are taken",
              replica(
                  "Replica",
                  "case ENDED -> {\n        refuse(stream, new RemovedException(peer));\n        return;\n      }",
                  "case ENDED -> {}"),
              replica(
                  "Replica",
                  "if (membership.rank(peer) == Membership.Rank.ENDED) {",
                  "if (false) {"),
              replica("Inflow", "if (whose.test(peer.origin)) {", "if (false) {")),
          of(
              "a removal takes concurrent adds",
              replica(
                  "storage/LiveData",
                  "removed.adds().forEach(position -> remove(adds, position));",
                  """
                  parts.adds(name, removed.element())
                      .forEach(p -> p.last().ifPresent(last -> remove(adds, last.position())));
                  """)),
          of(
              "a put of a multi-value register replaces concurrent values",
              replica(
                  "storage/LiveData",
                  "put.replaces().forEach(position -> clear(parts, position, 0));",
                  """
                  LiveData.this
                      .parts
                      .of(Kind.MULTI, name)
                      .forEach(p -> p.last().ifPresent(last -> clear(parts, last.position(), 0)));
                  """)),
          of(
              "a put of a multi-value register replaces nothing",
              replica(
                  "storage/LiveData",
                  "put.replaces().forEach(position -> clear(parts, position, 0));",
                  "")),
          of(
              "the delete of a counter takes concurrent increments",
              replica(
                  "storage/LiveData",
                  "delete.observed().forEach(sum -> clear(parts, sum.upTo(), sum.sum()));",
                  """
                  LiveData.this
                      .parts
                      .of(Kind.COUNTER, name)
                      .forEach(
                          p -> p.last().ifPresent(last -> clear(parts, last.position(), p.sum())));
                  """)),
          of(
              "a removal does not depend on the adds that it undoes",
              replica("storage/LiveData", "observed = observed.with(last);", "")),
          of(
              "what undoes does not depend on who undid before",
              replica("storage/LiveData", "all.forEach(this::observe);", "")),
          of(
              "two tries of an increment count twice",
              core(
                  "causal/Twins",
                  "return standing == members.size() ? by - standing * by : -standing * by;",
                  "return 0;")),
          of(
              "two tries of an append are both kept",
              replica("storage/LiveData", ".skip(1)", ".skip(tries.size())")),
          of(
              "a register that is kept in memory holds for views of any time",
              replica(
                  "storage/RegisterCache",
                  "changed <= Math.min(entry.generation, generation)",
                  "changed <= entry.generation")),
          of(
              "a register that was read while it changed is kept",
              replica("storage/RegisterCache", "changes.set(hash, generation);", "")),
          of(
              "a session is handed back as it came, whatever it has read",
              replica("Reader", "after.equals(before)", "true")),
          of(
              "registers are shown before their commit is durable",
              replica(
                  "storage/ReplicaStore",
                  "data.flush(registers, last.generation() + 1);",
                  "data.flush(registers, last.generation());")));
}
