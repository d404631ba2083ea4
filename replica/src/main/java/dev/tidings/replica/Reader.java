package dev.tidings.replica;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Consistency;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.replica.storage.ReadView;
import dev.tidings.replica.storage.ReadView.FeedSlice;
import dev.tidings.replica.storage.Stored;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Answers one read from one view, and keeps count of what it was answered from. */
final class Reader {
  /** A page of a feed ends once its values pass this. */
  private static final long FEED_PAGE_BYTES = 1 << 20;

  /** What an entry costs in an answer besides its value; and a range of its dependencies. */
  private static final int ENTRY_BYTES = 64;

  private static final int RANGE_BYTES = 24;

  private final ReadView view;
  private final ReadRequest request;
  private final Limits limits;
  private final Map<Position, PositionSet> dependencies = new HashMap<>();
  private PositionSet readFrom = PositionSet.EMPTY;
  private long highestLamport;
  private long bytes;

  private Reader(ReadView view, ReadRequest request, Limits limits) {
    this.view = view;
    this.request = request;
    this.limits = limits;
  }

  /**
   * @throws SizeLimitException if the answer would be larger than a message may be
   */
  static ReadResult read(
      ReadView view, ReadRequest request, Consistency consistency, Limits limits) {
    var reader = new Reader(view, request, limits);
    var values = new ArrayList<ReadResult.Value>();
    for (ReadRequest.Item item : request.items()) {
      values.add(reader.read(item));
    }
    return new ReadResult(
        request
            .session()
            .afterRead(
                consistency.declared(reader.readFrom), reader.highestLamport, view.frontier()),
        values,
        reader.dependencies);
  }

  private ReadResult.Value read(ReadRequest.Item item) {
    if (item instanceof ReadRequest.Item.Register register) {
      Optional<Stored> stored = view.register(register.key());
      // An absence caused by a delete depends on that delete.
      stored.ifPresent(this::note);
      return new ReadResult.Value.Register(stored, stored.isEmpty() && !view.hasForgottenDeletes());
    }
    if (item instanceof ReadRequest.Item.Feed feed) {
      FeedSlice slice = view.feed(feed.name(), feed.after(), feed.limit(), FEED_PAGE_BYTES);
      noteAll(slice.entries());
      return new ReadResult.Value.Feed(slice);
    }
    throw new AssertionError(item);
  }

  private void noteAll(List<Stored> entries) {
    entries.forEach(this::note);
  }

  private void note(Stored stored) {
    readFrom = readFrom.with(stored.position());
    highestLamport = Math.max(highestLamport, stored.version().lamportTime());
    bytes += ENTRY_BYTES + stored.value().map(Bytes::size).orElse(0);
    if (request.withDependencies()) {
      bytes += (long) RANGE_BYTES * dependenciesOf(stored.position()).rangeCount();
    }
    if (bytes > limits.maxAnswerBytes()) {
      throw new SizeLimitException("the answer", bytes, limits.maxAnswerBytes(), "bytes or more");
    }
  }

  private PositionSet dependenciesOf(Position position) {
    if (!dependencies.containsKey(position)) {
      // Of a write whose log has been cut nothing is said, rather than that it depends on nothing.
      view.write(position).ifPresent(write -> dependencies.put(position, write.dependencies()));
    }
    return dependencies.getOrDefault(position, PositionSet.EMPTY);
  }
}
