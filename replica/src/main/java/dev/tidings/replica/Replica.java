package dev.tidings.replica;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.CausalReplica;
import dev.tidings.causal.CausalReplica.StalledWrite;
import dev.tidings.causal.Effect;
import dev.tidings.causal.Member;
import dev.tidings.causal.Membership;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.PositionGapException;
import dev.tidings.causal.Progress;
import dev.tidings.causal.Session;
import dev.tidings.causal.TimeTable;
import dev.tidings.causal.Write;
import dev.tidings.clock.ForwardJumpException;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.VersionVector;
import dev.tidings.replica.link.ClusterMismatchException;
import dev.tidings.replica.link.Links;
import dev.tidings.replica.link.RemovedException;
import dev.tidings.replica.storage.DamagedDataException;
import dev.tidings.replica.storage.DiskFullException;
import dev.tidings.replica.storage.Identity;
import dev.tidings.replica.storage.ReadView;
import dev.tidings.replica.storage.ReplicaStore;
import dev.tidings.replica.storage.SnapshotPages;
import dev.tidings.replica.storage.Staging;
import dev.tidings.replica.storage.UnusableDataException;
import dev.tidings.replica.wire.EncodedWrite;
import dev.tidings.replica.wire.InvalidRequestException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives the core. Its event loop takes what has queued up, lets the core decide, commits it all in
 * one storage batch with one sync (group commit), and only then answers, sends and tells; while a
 * large batch is written it decides what the next will hold. Reads do not wait for the loop, unless
 * they need what is not visible yet.
 *
 * <p>The methods that take an {@link Answer} or a callback may be called from any thread; the rest
 * is confined to the loop.
 */
public final class Replica {
  private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

  /** Stalled writes that a status lists. */
  private static final int MAX_LISTED = 100;

  /** What nobody waits for is told to peers so much later, once for all of it. */
  private static final long SOON_MICROS = 20_000;

  /** What is not needed any more is forgotten so often at most. */
  private static final long HOUSEKEEPING_MICROS = 1_000_000;

  private final Identity identity;
  private final Limits limits;
  private final EventLoop loop;
  private final ReplicaStore store;
  private final InstantSource wallClock;
  private final Story story;
  private final ReplicaMetrics metrics;
  private final Links links;
  private final Backups backups;
  private final Watches watches;
  private final Moments moments;
  private final CausalReplica core;
  private final Members members;
  private final Membership membership;
  private final TimeTable table = new TimeTable();
  private final Inflow inflow;
  private final Housekeeping housekeeping;
  private final Duration joinWait;

  /**
   * Null once the replica has caught up with all members: some may answer when it serves already.
   */
  private @Nullable CatchUp catchUp;

  /** Why a replica that catches up does not serve yet, as it has told clients. */
  private String toldReason = "";

  /** The snapshot that is being received. */
  private @Nullable SnapshotIntake intake;

  /** Why clients are not served; null while they are. Any thread. */
  private volatile @Nullable RuntimeException notServing;

  private volatile int clusterSize;

  /** What every member shows, as far as is known here. */
  private volatile PositionSet stable = PositionSet.EMPTY;

  private final VisibilityWaits waits;

  private final GroupCommit commit;
  private final ClientWrites writes;
  private final LostWrites lostWrites;

  /** What is durable, as peers are told. */
  private TimeTable.Row ownRow;

  /** Which logs have ended, as far as that is durable, and all that was taken from them before. */
  private Set<Origin> durablyEnded;

  /** Whether links are to hear at once of what has changed. */
  private boolean hasNews;

  /** Whether they will hear of it soon. */
  private boolean newsDue;

  /** Whether what is known of peers is to be stored. */
  private boolean peersChanged;

  private boolean housekeepingDue;
  private long stalledTotal;
  private volatile Standing standing;

  /** Who has sent something in this round: more may come, while it is written. */
  private final List<PeerStream> received = new ArrayList<>();

  /** Whose writes have come, and are not acknowledged yet. */
  private final Set<PeerStream> unacknowledged = new LinkedHashSet<>();

  /** What peers sent while the disk is full, by stream: it is taken when there is space. */
  private final Map<PeerStream, Runnable> unread = new LinkedHashMap<>();

  /**
   * @param settings as the node has them
   * @param addresses where the peers are by this replica's own settings, by id; the founding
   *     members with it, or those whom it asks first when it joins
   */
  public Replica(
      ReplicaStore store,
      ReplicaNode.Settings settings,
      Map<Integer, String> addresses,
      EventLoop loop,
      Committer committer,
      InstantSource wallClock,
      Story story,
      ReplicaMetrics metrics,
      Links links,
      Backups backups,
      Watches watches) {
    this.identity = store.identity();
    this.store = store;
    this.limits = settings.limits();
    this.joinWait = settings.joinWait();
    this.loop = loop;
    this.wallClock = wallClock;
    this.story = story;
    this.metrics = metrics;
    this.links = links;
    this.backups = backups;
    this.watches = watches;
    Origin self = identity.origin();
    this.core =
        new CausalReplica(
            self,
            identity.consistency(),
            settings.maxForwardJumpTicks(),
            store.progress(),
            store.stalledWrites(),
            loop.nowMicros());
    this.commit =
        new GroupCommit(store, core, loop, committer, metrics, this::onCommit, this::freeDisk);
    this.writes =
        new ClientWrites(
            self, limits, loop, core, commit, () -> stable, this::wallMicros, this::carryOut);
    this.waits = new VisibilityWaits(core, loop, settings.readWait(), metrics, this::whyMissing);
    this.members = new Members(identity, addresses, settings.peerAddress(), store.members());
    this.membership = members.membership();
    this.moments = new Moments(self, loop, wallMicros());
    this.lostWrites = new LostWrites(self, core, membership, table);
    store.peers().forEach(table::learn);
    Stream.concat(
            commit.durable().held().counts().keySet().stream(), table.rows().keySet().stream())
        .forEach(membership::saw);
    this.durablyEnded = membership.ended();
    this.ownRow = rowNow();
    this.inflow = new Inflow(core, self, membership, table, loop);
    this.housekeeping = new Housekeeping(self, store, membership, table, settings.retention());
    this.catchUp = store.hasCaughtUp() ? null : new CatchUp(self, membership);
    this.notServing =
        catchUp == null
            ? null
            : new NotReadyException("replica %d has just begun".formatted(self.replicaId()));
    this.clusterSize = membership.members().size();
    this.standing = standingNow();
    links.listen(new Answers());
    links.onNews(news());
    if (membership.members().contains(self.replicaId()) || isComing()) {
      connect();
    } else {
      onRemoved(new RemovedException(self));
    }
  }

  /** Begins to count time; once the loop runs. */
  public void start() {
    loop.execute(
        () -> {
          inflow.start();
          if (catchUp != null) {
            if (joinWait.isZero()) {
              waitForPeersNoMore();
            } else {
              loop.schedule(joinWait.toNanos() / 1_000, this::waitForPeersNoMore);
            }
          }
        });
  }

  public Identity identity() {
    return identity;
  }

  public Limits limits() {
    return limits;
  }

  /**
   * Accepts a client's write once what its session depends on is visible, and answers when it is
   * durable on as many replicas as are asked for, or the time for that is over.
   */
  public void write(WriteRequest request, Answer<WriteResult> answer) {
    offer(() -> onWrite(request, answer), answer);
  }

  /**
   * Accepts several writes of one session at once, each after the one before it and depending on
   * that.
   *
   * @param session what the first depends on; those of the requests do not count
   * @param answers as many as writes
   * @param accepted takes the session after the last, when all are accepted or refused
   */
  public void write(
      Session session,
      List<WriteRequest> requests,
      List<? extends Answer<WriteResult>> answers,
      Consumer<Session> accepted) {
    if (!loop.offer(() -> onWrites(session, requests, answers, accepted))) {
      refuseAll(
          new OverloadedException("the replica has too many requests queued up"),
          answers,
          session,
          accepted);
    }
  }

  private static void refuseAll(
      RuntimeException reason,
      List<? extends Answer<WriteResult>> answers,
      Session session,
      Consumer<Session> accepted) {
    answers.forEach(answer -> answer.refuse(reason));
    accepted.accept(session);
  }

  /** Answers at once if what the session depends on is readable, and else when it is. */
  public void read(ReadRequest request, Answer<ReadResult> answer) {
    RuntimeException reason = notServing;
    if (reason != null) {
      answer.refuse(reason);
      return;
    }
    Optional<Moment> kept =
        request
            .moment()
            .filter(it -> it.kept().filter(k -> k.by().equals(identity.origin())).isPresent());
    if (kept.isPresent()) {
      try (ReadView view = moments.open(kept.get().kept().orElseThrow().number())) {
        answer(view, kept, request, answer);
      } catch (MomentNotKeptException e) {
        answer.refuse(e);
      }
      return;
    }
    PositionSet needs = request.needs();
    try (ReadView view = store.view()) {
      if (view.frontier().containsAll(needs)) {
        answer(view, Optional.empty(), request, answer);
        return;
      }
    }
    Runnable readNow =
        () -> {
          try (ReadView view = store.view()) {
            answer(view, Optional.empty(), request, answer);
          }
        };
    offer(() -> onEarly(needs, readNow, answer), answer);
  }

  /** A moment that was kept here will not be read any more. Any thread. */
  void release(Moment moment) {
    moment.kept().ifPresent(kept -> moments.release(kept.number()));
  }

  /**
   * Begins a watch once what it needs is readable.
   *
   * @throws RuntimeException why clients are not served, if they are not
   */
  public Watches.Watch watch(WatchRequest request, Watches.Sink sink) {
    checkServing();
    Watches.Watch watch = watches.open(request, () -> stable, sink);
    PositionSet needs = request.needs();
    boolean isReadable;
    try (ReadView view = store.view()) {
      isReadable = view.frontier().containsAll(needs);
    }
    if (isReadable) {
      watch.begin();
    } else {
      offer(() -> onEarly(needs, watch::begin, watch), watch);
    }
    return watch;
  }

  /**
   * Takes the next writes of a peer's log.
   *
   * @param delayTicks see {@link CausalReplica#onReplicatedWrite}
   * @param isAwaited whether to acknowledge them as soon as they are durable; else that may take a
   *     while
   */
  public void receive(
      List<EncodedWrite> writes, long delayTicks, boolean isAwaited, PeerStream stream) {
    loop.execute(() -> onReceive(writes, delayTicks, isAwaited, stream));
  }

  /** Takes what a peer tells of how far replicas are, and then its next message. */
  public void receive(Map<Origin, TimeTable.Row> rows, PeerStream stream) {
    loop.execute(
        () -> {
          rows.forEach(this::learn);
          lookWhatIsStable();
          received.add(stream);
        });
  }

  /** Takes notice that a peer does not have a log any more from where we want it. */
  public void receiveCut(Origin origin, long keptAfter, PeerStream stream) {
    loop.execute(() -> onLogCut(origin, keptAfter, stream));
  }

  /**
   * Takes the next page of a peer's snapshot.
   *
   * @param head null but for the first
   */
  public void receivePage(
      SnapshotPages.@Nullable Head head,
      List<SnapshotPages.Entry> entries,
      boolean isLast,
      PeerStream stream) {
    loop.execute(() -> onPage(head, entries, isLast, stream));
  }

  /**
   * Looks whether clients are served. Any thread.
   *
   * @throws RuntimeException why they are not
   */
  public void checkServing() {
    RuntimeException reason = notServing;
    if (reason != null) {
      throw reason;
    }
  }

  /**
   * Begins a backup of all that is visible here.
   *
   * @throws RuntimeException why clients are not served, if they are not
   */
  public Backups.Backup backup(Backups.Sink sink) {
    checkServing();
    return backups.begin(sink);
  }

  /** A backup is about to come: its first page may, or it is refused. */
  public void restore(RestoreStream stream) {
    loop.execute(() -> onRestore(stream));
  }

  /**
   * Takes the next page of a backup.
   *
   * @param head null but for the first
   */
  public void restorePage(
      SnapshotPages.@Nullable Head head,
      List<SnapshotPages.Entry> entries,
      boolean isLast,
      RestoreStream stream) {
    loop.execute(() -> onRestorePage(head, entries, isLast, stream));
  }

  /** Whoever sent a backup has left. */
  public void restoreEnded(RestoreStream stream) {
    loop.execute(() -> endIntake(stream));
  }

  /** A peer has said hello: it is welcomed, or refused. */
  public void peerConnected(Origin peer, TimeTable.Row itsStanding, PeerStream stream) {
    loop.execute(() -> onHello(peer, itsStanding, stream));
  }

  /** A peer's stream broke. */
  public void peerDisconnected(PeerStream stream) {
    loop.execute(
        () -> {
          unread.remove(stream);
          Origin peer = inflow.closed(stream);
          if (peer != null) {
            story.peerDisconnected(peer);
          }
          endIntake(stream);
        });
  }

  /** Tells who belongs to the cluster; refused by one that does not. */
  public void members(Answer<List<MemberStatus>> answer) {
    offer(
        () ->
            commit.afterwardsIfPossible(
                () -> {
                  if (notServing instanceof RemovedException removed) {
                    // What it knows of the others may be long past.
                    answer.refuse(removed);
                  } else {
                    answer.succeed(members.status());
                  }
                }),
        answer);
  }

  /**
   * Takes a replica into the cluster, or says that a member is reached elsewhere now; answers when
   * that is durable.
   *
   * @param peerAddress HOST:PORT where its peers reach it
   */
  public void join(int replicaId, String peerAddress, Answer<List<MemberStatus>> answer) {
    offer(() -> change(answer, () -> members.joined(replicaId, peerAddress)), answer);
  }

  /** Takes a replica out of the cluster; answers when that is durable. */
  public void remove(int replicaId, Answer<List<MemberStatus>> answer) {
    offer(() -> change(answer, () -> members.removed(replicaId)), answer);
  }

  private void change(Answer<List<MemberStatus>> answer, Supplier<List<Member>> change) {
    RuntimeException reason = commit.isDiskFull() ? new DiskFullException() : notServing;
    if (reason != null) {
      answer.refuse(reason);
      return;
    }
    List<Member> changed;
    try {
      changed = change.get();
    } catch (InvalidRequestException e) {
      answer.refuse(e);
      return;
    }
    setMembers(changed);
    commit.afterwards(() -> answer.succeed(members.status()));
  }

  /** How many replicas belong to the cluster. Any thread. */
  public int clusterSize() {
    return clusterSize;
  }

  /** Runs something on the loop once all that was handed over before it is answered. */
  public void afterwards(Runnable task) {
    loop.execute(() -> commit.afterwards(task));
  }

  /** Tells how the replica stands. */
  public void status(Answer<ReplicaStatus> answer) {
    offer(() -> commit.afterwardsIfPossible(() -> answer.succeed(statusNow())), answer);
  }

  private ReplicaStatus statusNow() {
    Progress progress = commit.durable();
    List<ReplicaStatus.Stalled> listed =
        core.stalled().stream()
            .map(StalledWrite::write)
            .filter(write -> progress.held().contains(write.position()))
            .limit(MAX_LISTED)
            .map(
                write ->
                    new ReplicaStatus.Stalled(
                        write.position(),
                        write.version(),
                        write.dependencies().minus(progress.frontier())))
            .toList();
    var logs = new TreeMap<Integer, List<ReplicaStatus.Log>>();
    for (int id : membership.members()) {
      membership.origin(id).ifPresent(peer -> logs.put(id, logs(peer, progress)));
    }
    RuntimeException reason = notServing;
    return new ReplicaStatus(
        reason == null ? "" : String.valueOf(reason.getMessage()),
        progress,
        listed,
        stalledTotal,
        logs);
  }

  private List<ReplicaStatus.Log> logs(Origin peer, Progress progress) {
    TimeTable.Row row = table.row(peer);
    VersionVector all = progress.held().merge(row.held());
    return all.counts().keySet().stream()
        .map(
            origin -> {
              long held = row.held().upTo(origin);
              return new ReplicaStatus.Log(
                  origin,
                  held,
                  row.visible().upTo(origin),
                  Math.max(0, progress.held().upTo(origin) - held),
                  lagMicros(origin, held));
            })
        .toList();
  }

  private long lagMicros(Origin origin, long held) {
    if (held >= commit.durable().held().upTo(origin) || held < store.logStart().upTo(origin)) {
      return 0;
    }
    long committed = store.log(new Position(origin, held + 1)).committedAtMicros();
    // A wall clock may have been set back in between, and two are never the same.
    return Math.max(0, wallMicros() - committed);
  }

  /** How the replica stood when its last round ended. Any thread, at no cost to the loop. */
  Standing standing() {
    return standing;
  }

  private Standing standingNow() {
    Iterator<StalledWrite> stalled = core.stalled().iterator();
    return new Standing(
        commit.durable(),
        stalledTotal,
        stalled.hasNext() ? OptionalLong.of(stalled.next().sinceMicros()) : OptionalLong.empty(),
        waits.size(),
        writes.acknowledgements().waiting());
  }

  /** Refuses all requests that wait, and those that would. */
  public void stopWaiting() {
    loop.execute(
        () -> {
          waits.stop();
          writes.stop();
          moments.stop();
        });
  }

  /** The loop's hook: sends a round's changes to the disk, and tells what is there. */
  public void onRoundEnd() {
    commit.end();
    if (hasNews) {
      hasNews = false;
      links.onNews(news());
    }
    if (commit.isStuck()) {
      return;
    }
    received.forEach(PeerStream::ready);
    received.clear();
    inflow.update();
    if (catchUp != null && !(notServing instanceof RemovedException)) {
      lookWhetherCaughtUp(catchUp);
    }
    // Last, since an answer may begin to wait for acknowledgements.
    standing = standingNow();
  }

  private void onCommit() {
    long before = ownRow.held().upTo(identity.origin());
    ownRow = rowNow();
    if (ownRow.held().upTo(identity.origin()) > before || links.areRelaying()) {
      hasNews = true;
    } else {
      tellLinksSoon();
    }
    watches.onCommit();
    keepHouseSoon();
  }

  /** The disk is full: what keeps files that nobody needs any more is ended. */
  private void freeDisk() {
    links.endSnapshots();
    backups.endAll();
    moments.releaseAll();
  }

  private void keepHouseSoon() {
    if (!housekeepingDue) {
      housekeepingDue = true;
      loop.schedule(HOUSEKEEPING_MICROS, this::keepHouse);
    }
  }

  /** The links have nothing to send on account of it, and tell peers of it now and then. */
  private void tellLinksSoon() {
    if (!newsDue) {
      newsDue = true;
      loop.schedule(
          SOON_MICROS,
          () -> {
            newsDue = false;
            hasNews = true;
          });
    }
  }

  private Links.News news() {
    return new Links.News(
        ownRow, Map.copyOf(table.rows()), writes.acknowledgements().waiting() > 0);
  }

  private TimeTable.Row rowNow() {
    return new TimeTable.Row(
        commit.durable().held(),
        commit.durable().frontier().prefixes(),
        durablyEnded,
        lostWrites.unknownLives());
  }

  private void lookWhatIsStable() {
    stable = table.stable(ownRow.visible(), membership.others(identity.origin()));
  }

  private void keepHouse() {
    housekeepingDue = false;
    if (commit.isStuck()) {
      // The commit that waits for space is followed by another turn.
      return;
    }
    endEarlierLives();
    lookWhatIsStable();
    boolean isMore = housekeeping.run(commit.durable(), commit.changes(), wallMicros());
    if (peersChanged) {
      peersChanged = false;
      commit.changes().setPeers(table.rows());
    }
    if (isMore) {
      housekeepingDue = true;
      loop.schedule(HOUSEKEEPING_MICROS / 10, this::keepHouse);
    }
  }

  /** Makes durable, and answers, what has been decided. */
  void settle() {
    loop.execute(commit::commit);
  }

  /** Ends the loop's use of the store; after the loop's last round. */
  public void close() {
    commit.close();
  }

  private void offer(Runnable task, Answer<?> answer) {
    if (!loop.offer(task)) {
      answer.refuse(new OverloadedException("the replica has too many requests queued up"));
    }
  }

  private void onWrite(WriteRequest request, Answer<WriteResult> answer) {
    if (answer.isAbandoned()) {
      return;
    }
    if (notServing != null) {
      answer.refuse(notServing);
      return;
    }
    if (commit.isDiskFull()) {
      answer.refuse(new DiskFullException());
      return;
    }
    PositionSet dependencies = request.session().dependencies();
    if (!core.isVisible(dependencies)) {
      await(dependencies, () -> loop.execute(() -> onWrite(request, answer)), answer);
      return;
    }
    writes.write(request.session(), request, answer);
  }

  private void onWrites(
      Session session,
      List<WriteRequest> requests,
      List<? extends Answer<WriteResult>> answers,
      Consumer<Session> accepted) {
    RuntimeException reason = commit.isDiskFull() ? new DiskFullException() : notServing;
    if (reason != null) {
      refuseAll(reason, answers, session, accepted);
      return;
    }
    if (!core.isVisible(session.dependencies())) {
      await(
          session.dependencies(),
          () -> loop.execute(() -> onWrites(session, requests, answers, accepted)),
          new Answer<Void>() {
            @Override
            public void succeed(Void nothing) {}

            @Override
            public void refuse(RuntimeException why) {
              refuseAll(why, answers, session, accepted);
            }
          });
      return;
    }
    Session now = session;
    for (int i = 0; i < requests.size(); i++) {
      // What has just been accepted is visible to the loop, and shown to nobody before it is
      // durable.
      now = writes.write(now, requests.get(i), answers.get(i));
    }
    accepted.accept(now);
  }

  /** Goes on once what a session depends on is readable. */
  private void onEarly(PositionSet dependencies, Runnable go, Answer<?> answer) {
    if (commit.isStuck()) {
      answer.refuse(
          new NotYetVisibleException(
              identity.origin().replicaId(), dependencies.minus(commit.durable().frontier())));
    } else if (core.isVisible(dependencies)) {
      commit.afterwards(go);
    } else {
      await(dependencies, go, answer);
    }
  }

  private void await(PositionSet dependencies, Runnable go, Answer<?> answer) {
    lostWrites.awaited(dependencies.minus(core.progress().frontier()));
    askAfterUnknownLives();
    waits.await(dependencies, go, answer);
  }

  private void askAfterUnknownLives() {
    if (!lostWrites.unknownLives().equals(ownRow.unknown())) {
      ownRow = rowNow();
      tellLinksSoon();
      keepHouseSoon();
    }
  }

  private void answer(
      ReadView view, Optional<Moment> kept, ReadRequest request, Answer<ReadResult> answer) {
    ReadResult result;
    try {
      result = Reader.read(view, request, identity.consistency(), stable, limits);
      if (kept.isPresent()) {
        result = result.at(kept);
      } else if (isToBeKept(request, result)) {
        result =
            result.at(Optional.of(new Moment(view.frontier(), Optional.of(moments.keep(view)))));
      }
    } catch (SizeLimitException e) {
      answer.refuse(e);
      return;
    } catch (DamagedDataException e) {
      answer.refuse(e);
      // Whatever else is read or decided may be wrong too: the loop ends, and the replica with it.
      loop.execute(
          () -> {
            throw e;
          });
      return;
    }
    answer.succeed(result);
  }

  private static boolean isToBeKept(ReadRequest request, ReadResult result) {
    return switch (request.keeping()) {
      case NO -> false;
      case ALWAYS -> true;
      case IF_MORE -> result.values().stream().anyMatch(ReadResult.Value::hasMore);
    };
  }

  private void onReceive(
      List<EncodedWrite> writes, long delayTicks, boolean isAwaited, PeerStream stream) {
    Origin peer = inflow.peer(stream);
    if (peer == null) {
      return;
    }
    Origin origin = writes.get(0).write().position().origin();
    if (!inflow.wasAsked(stream, origin)) {
      refuse(
          stream,
          new InvalidRequestException(
              "%s sent a write of %s, incarnation %d, which was not asked for"
                  .formatted(peer, origin, origin.incarnation())));
      return;
    }
    if (commit.isDiskFull()) {
      readLater(stream, () -> onReceive(writes, delayTicks, isAwaited, stream));
      return;
    }
    try {
      long now = loop.nowMicros();
      for (EncodedWrite each : writes) {
        carryOut(core.onReplicatedWrite(each.write(), delayTicks, now), each.message());
      }
      inflow.received(origin);
    } catch (PositionGapException | ForwardJumpException | OverloadedException e) {
      refuse(stream, e);
      return;
    }
    if (origin.equals(peer)) {
      if (isAwaited) {
        long heldUpTo = core.progress().held().upTo(origin);
        commit.afterwards(() -> stream.held(heldUpTo));
      } else {
        acknowledgeSoon(stream);
      }
    }
    received.add(stream);
  }

  private void acknowledgeSoon(PeerStream stream) {
    if (unacknowledged.isEmpty()) {
      loop.schedule(SOON_MICROS, this::acknowledge);
    }
    unacknowledged.add(stream);
  }

  private void acknowledge() {
    for (PeerStream stream : unacknowledged) {
      Origin peer = inflow.peer(stream);
      if (peer != null) {
        stream.held(commit.durable().held().upTo(peer));
      }
    }
    unacknowledged.clear();
  }

  /** A stream that was refused brings no more of it, and nobody else tells of its end. */
  private boolean isTakingSnapshot() {
    return intake != null && intake.from() instanceof PeerStream from && inflow.peer(from) != null;
  }

  private void refuse(PeerStream stream, RuntimeException reason) {
    inflow.closed(stream);
    commit.afterwards(() -> stream.refuse(reason));
  }

  private void readLater(PeerStream stream, Runnable task) {
    if (unread.isEmpty()) {
      loop.schedule(GroupCommit.RETRY_MICROS, this::readOn);
    }
    unread.put(stream, task);
  }

  private void readOn() {
    List<Runnable> now = List.copyOf(unread.values());
    unread.clear();
    now.forEach(Runnable::run);
  }

  private void onHello(Origin peer, TimeTable.Row itsStanding, PeerStream stream) {
    if (notServing instanceof RemovedException) {
      // What is decided here is no part of the cluster any more; who has not heard of it soon will.
      stream.refuse(
          new NotReadyException(
              "replica %d was removed from the cluster".formatted(identity.origin().replicaId())));
      return;
    }
    switch (membership.rank(peer)) {
      case STRANGER -> {
        stream.refuse(
            new ClusterMismatchException(
                "replica %d does not belong to the cluster as replica %d sees it; its members are %s"
                    .formatted(
                        peer.replicaId(), identity.origin().replicaId(), membership.members())));
        return;
      }
      case ENDED -> {
        refuse(stream, new RemovedException(peer));
        return;
      }
      case CURRENT, UNSEEN -> {}
      case REBORN -> {
        if (inflow.isOpen(peer.replicaId())) {
          // Two processes with one id, or the end of the one before has not been noticed yet.
          stream.refuse(
              new ClusterMismatchException(
                  "replica %d is connected in another incarnation; stop that one, or wait until it is gone"
                      .formatted(peer.replicaId())));
          return;
        }
        if (commit.isDiskFull()) {
          stream.refuse(new DiskFullException());
          return;
        }
        rebirth(peer);
      }
    }
    onPeer(peer, itsStanding);
    commit.afterwardsIfPossible(
        () -> {
          if (membership.rank(peer) == Membership.Rank.ENDED) {
            // It was removed meanwhile.
            loop.execute(() -> refuse(stream, new RemovedException(peer)));
            return;
          }
          story.peerConnected(peer, commit.durable().held().upTo(peer));
          stream.welcome(ownRow);
          inflow.opened(peer, stream);
          stream.ready();
        });
  }

  /**
   * A member lives in another incarnation now: all are to know that the log before it has ended.
   */
  private void rebirth(Origin peer) {
    LOG.info(
        "{} comes back with an empty data directory, as incarnation {}", peer, peer.incarnation());
    setMembers(List.of(members.reborn(peer)));
  }

  /** Lives of this replica that sessions know, and nobody else, have ended: it lives in another. */
  private void endEarlierLives() {
    Set<Origin> earlier = lostWrites.earlierLives();
    if (earlier.isEmpty() || notServing != null) {
      return;
    }
    if (commit.isDiskFull()) {
      keepHouseSoon();
      return;
    }
    LOG.info("earlier lives of this replica have ended, of which nobody knew: {}", earlier);
    setMembers(members.ended(earlier));
    if (lostWrites.endsNoMore()) {
      LOG.warn(
          "so many lives of this replica have ended that it takes clients' word for no more of them");
    }
  }

  /** Writes what is new of members, as this replica's own write. */
  private void setMembers(List<Member> changed) {
    List<Mutation> mutations =
        changed.stream().map(member -> (Mutation) new Mutation.SetMember(member)).toList();
    carryOut(core.onClientWrite(Session.NEW, Optional.empty(), mutations, wallMicros()));
  }

  /** A peer tells of itself, on its stream or in its answer to ours. */
  private void onPeer(Origin peer, TimeTable.Row itsStanding) {
    membership.saw(peer);
    learn(peer, itsStanding);
    if (catchUp != null) {
      catchUp.answered(peer, itsStanding);
    }
  }

  private void learn(Origin of, TimeTable.Row row) {
    if (of.equals(identity.origin())) {
      return;
    }
    long told = row.held().upTo(identity.origin());
    if (membership.rank(of) == Membership.Rank.CURRENT
        && told > core.progress().held().upTo(identity.origin())) {
      throw new UnusableDataException(
          "%s holds %d writes of this replica, and its own data directory only %d: it is an old copy; restore a backup, or start with an empty directory"
              .formatted(of, told, core.progress().held().upTo(identity.origin())));
    }
    membership.saw(of);
    Membership.Rank rank = membership.rank(of);
    // Of who has come back others may tell before the write that says so is here, and only once.
    boolean isMember = rank == Membership.Rank.CURRENT || rank == Membership.Rank.REBORN;
    if (isMember && table.learn(of, row)) {
      tellLinksSoon();
      peersChanged = true;
      inflow.changed();
      writes.acknowledgements().onHeld(of.replicaId(), told);
      keepHouseSoon();
    }
  }

  /** What peers answer to our links. */
  private final class Answers implements Links.Listener {
    @Override
    public void onAnswer(Origin peer, TimeTable.Row itsStanding) {
      loop.execute(
          () -> {
            Membership.Rank rank = membership.rank(peer);
            if (rank == Membership.Rank.CURRENT || rank == Membership.Rank.UNSEEN) {
              onPeer(peer, itsStanding);
            }
          });
    }

    @Override
    public void onAcknowledged(Origin peer, long upTo) {
      loop.execute(
          () ->
              learn(
                  peer,
                  new TimeTable.Row(
                      VersionVector.EMPTY.with(identity.origin(), upTo),
                      VersionVector.EMPTY,
                      Set.of(),
                      Set.of())));
    }

    @Override
    public void onMismatch(int peerId, String why) {
      loop.execute(
          () -> {
            if (catchUp != null) {
              catchUp.refused(peerId, why);
            }
          });
    }

    @Override
    public void onRemoved(int peerId, String why) {
      loop.execute(
          () -> {
            if (catchUp != null && isComing()) {
              catchUp.refused(peerId, why);
            } else {
              Replica.this.onRemoved(new RemovedException(identity.origin()));
            }
          });
    }
  }

  /**
   * Whether this replica has yet to hear all that has happened to its id: who was removed and joins
   * again hears of the removal before it hears that it was taken in.
   */
  private boolean isComing() {
    return catchUp != null && !membership.ended().contains(identity.origin());
  }

  /** This replica belongs to the cluster no longer. */
  private void onRemoved(RemovedException reason) {
    if (!(notServing instanceof RemovedException)) {
      LOG.error("{}; clients are refused from now on", reason.getMessage());
      notServing = reason;
      watches.end(reason);
      links.setPeers(Map.of());
    }
  }

  private void onMember(Write write, Mutation.SetMember set) {
    learn(
        new Membership.Entry(
            set.member(), Optional.of(write.version()), write.position().sequence()));
  }

  private void learn(Membership.Entry said) {
    if (membership.merge(said)) {
      lostWrites.membersChanged();
      commit.changes().setMember(membership.entry(said.member().replicaId()).orElseThrow());
      // From now on, and not only from when it is told, their logs are taken from members only.
      inflow
          .streams(origin -> membership.rank(origin) == Membership.Rank.ENDED)
          .forEach(
              (stream, origin) -> {
                endIntake(stream);
                refuse(stream, new RemovedException(origin));
              });
      Set<Origin> ended = membership.ended();
      commit.afterwards(
          () -> {
            durablyEnded = ended;
            ownRow = rowNow();
            hasNews = true;
            onMembers();
          });
    }
  }

  /** Who belongs to the cluster has changed. */
  private void onMembers() {
    clusterSize = membership.members().size();
    // Who took this replica in may not have seen it yet.
    membership.saw(identity.origin());
    List.copyOf(table.rows().keySet()).stream()
        .filter(origin -> membership.rank(origin) == Membership.Rank.ENDED)
        .forEach(
            origin -> {
              table.forget(origin);
              writes.acknowledgements().forget(origin.replicaId());
            });
    lookWhatIsStable();
    inflow.changed();
    // Of two that saw a member come back at different times the later write may be the earlier
    // one's.
    inflow.open().stream()
        .filter(peer -> membership.rank(peer) == Membership.Rank.REBORN)
        .forEach(this::rebirth);
    if (membership.rank(identity.origin()) == Membership.Rank.ENDED && !isComing()) {
      onRemoved(new RemovedException(identity.origin()));
    } else {
      connect();
    }
  }

  private void connect() {
    Map<Integer, String> all = members.peerAddresses();
    metrics.peers(all.keySet());
    links.setPeers(all);
  }

  private void waitForPeersNoMore() {
    if (catchUp != null) {
      if (!catchUp.silent().isEmpty()) {
        LOG.warn(
            "replicas {} do not answer; whether this one had an earlier life there is not known",
            catchUp.silent());
      }
      catchUp.waitNoMore();
    }
  }

  private void lookWhetherCaughtUp(CatchUp now) {
    // Until the write is here that says that it lives as it does, it counts as reborn.
    if (now.isOver(commit.durable().frontier())
        && membership.rank(identity.origin()) != Membership.Rank.ENDED) {
      if (now.silent().isEmpty() || joinWait.isZero()) {
        catchUp = null;
        commit.changes().setCaughtUp();
        // Once that is durable.
        loop.execute(() -> commit.afterwards(this::serve));
      } else {
        // Those that did not answer in time may yet have what this one lacks.
        serve();
      }
    } else if (notServing == null || !now.reason().equals(toldReason)) {
      if (notServing == null) {
        LOG.warn(
            "peers have what this replica lacks, and answer only now; it serves nobody until it has it");
      }
      toldReason = now.reason();
      notServing =
          new NotReadyException(
              "replica %d began with an empty data directory and %s"
                  .formatted(identity.origin().replicaId(), toldReason));
      LOG.info("{}; until then clients are refused", notServing.getMessage());
    }
  }

  private void serve() {
    if (notServing instanceof NotReadyException) {
      notServing = null;
      LOG.info("serving clients");
      keepHouseSoon();
    }
  }

  private void onLogCut(Origin origin, long keptAfter, PeerStream stream) {
    inflow.ended(stream, origin);
    if (intake != null && intake.from() instanceof RestoreStream restore) {
      refuseRestore(restore, new NotEmptyException("the cluster has data: a peer sends them"));
    }
    if (core.progress().held().upTo(origin) >= keptAfter) {
      inflow.changed();
    } else if (!isTakingSnapshot() && inflow.peer(stream) != null) {
      LOG.info(
          "{} keeps the log of {} from {} on only: asking it for a snapshot",
          inflow.peer(stream),
          origin,
          keptAfter + 1);
      intake = new SnapshotIntake(stream, store);
      commit.afterwards(stream::requestSnapshot);
    }
    commit.afterwards(stream::ready);
  }

  private void onPage(
      SnapshotPages.@Nullable Head head,
      List<SnapshotPages.Entry> entries,
      boolean isLast,
      PeerStream stream) {
    SnapshotIntake now = intake;
    if (now == null || !now.isFrom(stream) || (head == null && !now.hasBegun())) {
      refuse(stream, new InvalidRequestException("a snapshot's page was not asked for"));
      return;
    }
    if (commit.isDiskFull()) {
      readLater(stream, () -> onPage(head, entries, isLast, stream));
      return;
    }
    try {
      now.take(head, entries);
      if (isLast) {
        intake = null;
        install(now.head(), now.staged());
        now.head().members().forEach(this::learn);
      }
    } catch (DiskFullException | ForwardJumpException e) {
      intake = null;
      refuse(stream, e);
      return;
    }
    commit.afterwards(stream::ready);
  }

  private void install(SnapshotPages.Head head, Staging staged) {
    // The merge is with what is on disk, so all that has been decided must be there.
    if (!commit.commit()) {
      throw new DiskFullException();
    }
    staged.merge(commit.durable().frontier(), head.frontier());
    List<Effect> effects = core.onSnapshot(head.frontier(), head.lamportTime(), loop.nowMicros());
    commit.changes().turnTo(staged);
    if (head.hasForgottenDeletes()) {
      commit.changes().setForgotten();
    }
    VersionVector held = core.progress().held();
    held.counts()
        .forEach(
            (origin, upTo) -> {
              // What the log lacks between what was held and what is now visible is in the data.
              if (commit.durable().held().upTo(origin) < upTo) {
                commit.changes().cutLog(origin, upTo);
              }
            });
    carryOut(effects);
    inflow.changed();
    LOG.info("a snapshot has been merged; {} is visible here now", core.progress().frontier());
  }

  private void onRestore(RestoreStream stream) {
    try {
      checkEmpty();
      if (commit.isDiskFull()) {
        throw new DiskFullException();
      }
    } catch (NotReadyException | RemovedException | NotEmptyException | DiskFullException e) {
      stream.refuse(e);
      return;
    }
    intake = new SnapshotIntake(stream, store);
    stream.ready();
  }

  /** Whether a backup may come: the whole cluster is there, and has nothing. */
  private void checkEmpty() {
    if (notServing != null) {
      throw notServing;
    }
    if (!core.progress().held().counts().isEmpty()) {
      throw new NotEmptyException(
          "replica %d has data already; a backup is restored into a new cluster, whose data directories are empty"
              .formatted(identity.origin().replicaId()));
    }
    if (intake != null) {
      throw new NotEmptyException("another backup, or a peer's snapshot, is on its way here");
    }
    for (int id : membership.members()) {
      if (id == identity.origin().replicaId()) {
        continue;
      }
      Optional<Origin> member = membership.origin(id);
      if (member.isEmpty()) {
        throw new NotReadyException(
            "replica %d has not answered yet; start all replicas of the new cluster, and then restore the backup"
                .formatted(id));
      }
      if (!table.row(member.get()).held().counts().isEmpty()) {
        throw new NotEmptyException(
            "replica %d has data already; a backup is restored into a new cluster, whose data directories are empty"
                .formatted(id));
      }
    }
  }

  private void onRestorePage(
      SnapshotPages.@Nullable Head head,
      List<SnapshotPages.Entry> entries,
      boolean isLast,
      RestoreStream stream) {
    SnapshotIntake now = intake;
    if (now == null || !now.isFrom(stream)) {
      // It was refused.
      return;
    }
    try {
      if ((head == null) != now.hasBegun()) {
        throw new InvalidRequestException("the first page of a backup, and no other, has a head");
      }
      entries.forEach(SnapshotPages.Entry::check);
      if (commit.isDiskFull()) {
        throw new DiskFullException();
      }
      now.take(head, entries);
      if (isLast) {
        intake = null;
        checkEmpty();
        checkEnded(now.head());
        install(now.head(), now.staged());
        endLogs(now.head());
        commit.afterwards(() -> stream.succeed(commit.durable()));
      } else {
        commit.afterwards(stream::ready);
      }
    } catch (InvalidRequestException
        | NotReadyException
        | RemovedException
        | NotEmptyException
        | DiskFullException
        | ForwardJumpException e) {
      refuseRestore(stream, e);
    }
  }

  /** Incarnations are drawn, and no position may be used twice. */
  private void checkEnded(SnapshotPages.Head head) {
    for (Origin origin : head.frontier().prefixes().counts().keySet()) {
      if (membership.rank(origin) == Membership.Rank.CURRENT) {
        throw new NotEmptyException(
            "the backup has writes of %s, incarnation %d, which lives here; restore it into a new cluster"
                .formatted(origin, origin.incarnation()));
      }
    }
  }

  /** What a backup comes from has ended; and who has none of it needs a snapshot. */
  private void endLogs(SnapshotPages.Head head) {
    Set<Origin> origins = head.frontier().prefixes().counts().keySet();
    if (!origins.isEmpty()) {
      setMembers(members.ended(origins));
      commit.changes().cutLog(identity.origin(), core.progress().held().upTo(identity.origin()));
    }
  }

  private void refuseRestore(RestoreStream stream, RuntimeException reason) {
    endIntake(stream);
    commit.afterwards(() -> stream.refuse(reason));
  }

  /** A snapshot that is not complete yet comes to nothing. */
  private void endIntake(PageSource from) {
    if (intake != null && intake.isFrom(from)) {
      intake = null;
      // What was not asked for meanwhile is asked for now.
      inflow.changed();
    }
  }

  private void carryOut(List<Effect> effects) {
    carryOut(effects, null);
  }

  /**
   * @param message the logged write as a peer has sent it; null if none has
   */
  private void carryOut(List<Effect> effects, @Nullable Bytes message) {
    long lamportTime = 0;
    for (Effect effect : effects) {
      if (effect instanceof Effect.Logged e) {
        lamportTime = e.lamportTime();
        commit.changes().log(e.write(), message, hour());
      } else if (effect instanceof Effect.BecameVisible e) {
        commit.changes().show(e.write(), core.progress().frontier());
        for (Mutation mutation : e.write().mutations()) {
          if (mutation instanceof Mutation.SetMember set) {
            onMember(e.write(), set);
          }
        }
        e.stalledForMicros().ifPresent(metrics::unstalled);
        long time = lamportTime;
        commit.afterwards(() -> story.visible(e.write(), e.stalledForMicros(), time));
      } else if (effect instanceof Effect.Stalled e) {
        stalledTotal++;
        long time = lamportTime;
        commit.afterwards(() -> story.stalled(e.write(), e.missing(), time));
      } else if (effect instanceof Effect.Released e) {
        // Readable after the commit.
        commit.afterwards(() -> waits.release(e.waiterId()));
      } else {
        throw new AssertionError(effect);
      }
    }
  }

  /** Null if nothing is. */
  private @Nullable RuntimeException whyMissing(PositionSet needs) {
    PositionSet missing = needs.minus(commit.expected().frontier());
    if (missing.isEmpty()) {
      return null;
    }
    Optional<Position> lost = lostWrites.among(missing, commit.expected().frontier());
    askAfterUnknownLives();
    return lost.<RuntimeException>map(
            position ->
                new LostWriteException(
                    "the session depends on write %s, which no replica of the cluster has any more: its replica has lost its disk or was removed before anyone else had it, or a backup was restored that does not have it; begin a new session"
                        .formatted(position)))
        .orElseGet(() -> new NotYetVisibleException(identity.origin().replicaId(), missing));
  }

  /** Since 1970. */
  private long hour() {
    return Housekeeping.hour(wallMicros());
  }

  private long wallMicros() {
    Instant now = wallClock.instant();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }
}
