package dev.tidings.client.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidings.client.Bytes;
import dev.tidings.client.Condition;
import dev.tidings.client.Durability;
import dev.tidings.client.DurableWrite;
import dev.tidings.client.Mutation;
import dev.tidings.client.WriteOptions;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What every write takes: how long it waits for whom, and how it is told. */
final class Writing {
  private static final List<String> OPTIONS = List.of("--acks", "--acks-wait", "--output");

  @Option(
      names = "--acks",
      paramLabel = "N",
      defaultValue = "1",
      description = "Wait until N replicas hold it durably. Default: ${DEFAULT-VALUE}.")
  private int acks = 1;

  @Option(
      names = "--acks-wait",
      converter = Durations.class,
      paramLabel = "DURATION",
      defaultValue = "5s",
      description = "For how long; then the write stands all the same. Default: ${DEFAULT-VALUE}.")
  private Duration acksWait = Duration.ofSeconds(5);

  @Option(
      names = "--output",
      paramLabel = "FORMAT",
      defaultValue = "text",
      converter = Format.Converter.class,
      completionCandidates = Format.Words.class,
      description = "text, json, or value: the version, as --if-version takes it. Default: text.")
  private Format format = Format.TEXT;

  /** Where a change is part of a larger write, these are of the whole. */
  static void dropOptions(CommandSpec change) {
    OPTIONS.forEach(name -> change.remove(change.findOption(name)));
  }

  /**
   * @param done what has been done, for people
   */
  void write(
      Conversation conversation,
      List<Mutation> mutations,
      List<Condition> conditions,
      String done) {
    var options = WriteOptions.onlyIf(conditions).durable(durability());
    DurableWrite written = conversation.session().write(mutations, options);
    try (var rows = new Rows(conversation, format)) {
      rows.add(new Told(written, done));
    }
    if (written.durableOn() < acks) {
      throw CommandFailure.refused(
          "only %d of %d replicas are known to hold it after %d ms; the write stands"
              .formatted(written.durableOn(), acks, acksWait.toMillis()));
    }
  }

  private record Told(DurableWrite written, String done) implements Rows.Row {
    @Override
    public String text() {
      return done + ": " + StoreCommands.words(written.write());
    }

    @Override
    public void json(ObjectNode row) {
      Rows.put(row, written.write());
      row.put("durable_on", written.durableOn());
    }

    @Override
    public Bytes value() {
      return Bytes.of(Rows.full(written.write().version()));
    }
  }

  private Durability durability() {
    try {
      return new Durability(acks, acksWait);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage(String.valueOf(e.getMessage()));
    }
  }
}
