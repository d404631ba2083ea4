package dev.tidings.client.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidings.client.Bytes;
import dev.tidings.client.Item;
import dev.tidings.client.MapField;
import dev.tidings.client.Moment;
import dev.tidings.client.Page;
import dev.tidings.client.Query;
import dev.tidings.client.Session;
import dev.tidings.client.Snapshot;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --at} and {@code --keep}, of commands that read. */
final class AtMoment {
  @Option(
      names = "--at",
      paramLabel = "MOMENT",
      description = "As it was at a moment that --keep has told, at the same replica.")
  private @Nullable String at;

  @Option(
      names = "--keep",
      description =
          "Let the replica keep the moment that is read, and tell it: for --at, for five minutes"
              + " after it was last read, an hour at most.")
  private boolean keep;

  private @Nullable Moment kept;

  <T> T read(Conversation conversation, Item<T> item) {
    return snapshot(conversation.session(), item).get(item);
  }

  <E> Stream<E> stream(Conversation conversation, Item<? extends Page<E>> first) {
    Session session = conversation.session();
    @Nullable Moment moment = moment(session, first);
    return moment == null ? session.stream(first) : session.stream(first, moment);
  }

  Stream<MapField> map(Conversation conversation, Bytes map) {
    Session session = conversation.session();
    @Nullable Moment moment = moment(session, Item.map(map));
    return (moment == null ? session.map(map) : session.map(map, moment)).stream();
  }

  /** Of which all pages are read; null for one of their own. */
  private @Nullable Moment moment(Session session, Item<?> first) {
    if (at != null) {
      Moment moment = parsed(at);
      kept = keep ? moment : null;
      return moment;
    }
    if (keep) {
      snapshot(session, first);
    }
    return kept;
  }

  private Snapshot snapshot(Session session, Item<?> item) {
    Query query = Query.of(item).keeping(keep ? Query.Keeping.ALWAYS : Query.Keeping.NO);
    Snapshot snapshot = session.read(at == null ? query : query.at(parsed(at)));
    if ((at != null || keep) && snapshot.moment().isEmpty()) {
      throw CommandFailure.momentNotKept(
          at == null
              ? "replica %s keeps no moments now".formatted(session.replica())
              : "replica %s answered, and it is not the one that keeps the moment"
                  .formatted(session.replica()));
    }
    kept = keep ? snapshot.moment().orElseThrow() : null;
    return snapshot;
  }

  private static Moment parsed(String text) {
    try {
      return Moment.parse(text);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage(String.valueOf(e.getMessage()));
    }
  }

  /** Opens the answer. */
  Rows rows(Conversation conversation, Output output) {
    if (keep && output.isBytesOnly()) {
      throw CommandFailure.usage("--output value has no place for the moment that --keep tells");
    }
    return output.rows(conversation);
  }

  /** Tells which moment was read, after everything else. */
  void tell(Rows rows) {
    if (kept != null) {
      rows.add(new MomentRow(kept));
    }
  }

  private record MomentRow(Moment moment) implements Rows.Row {
    @Override
    public String text() {
      return "to read it again: --at " + moment;
    }

    @Override
    public void json(ObjectNode row) {
      row.put("moment", moment.toString());
    }

    @Override
    public Bytes value() {
      throw new AssertionError("refused before");
    }
  }
}
