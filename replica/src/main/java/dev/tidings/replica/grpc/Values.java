package dev.tidings.replica.grpc;

import dev.tidings.causal.Part;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.replica.ReadResult;
import dev.tidings.replica.storage.ReadView;
import dev.tidings.replica.storage.Stored;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.Counter;
import dev.tidings.v1.FeedEntry;
import dev.tidings.v1.FeedPage;
import dev.tidings.v1.KeyValue;
import dev.tidings.v1.MapPage;
import dev.tidings.v1.MultiValue;
import dev.tidings.v1.RangePage;
import dev.tidings.v1.Register;
import dev.tidings.v1.SetPage;
import dev.tidings.v1.WriteInfo;
import java.util.List;
import java.util.Map;

/** The messages of what was read. */
final class Values {
  private final Map<Position, PositionSet> dependencies;

  /**
   * @param dependencies of the writes that were read, where they were asked for
   */
  Values(Map<Position, PositionSet> dependencies) {
    this.dependencies = dependencies;
  }

  dev.tidings.v1.ReadResult toProto(ReadResult.Value value) {
    var message = dev.tidings.v1.ReadResult.newBuilder();
    if (value instanceof ReadResult.Value.Register register) {
      message.setRegister(register(register));
    } else if (value instanceof ReadResult.Value.Feed feed) {
      message.setFeed(feed(feed.slice()));
    } else if (value instanceof ReadResult.Value.Multi multi) {
      message.setMulti(
          MultiValue.newBuilder()
              .addAllValues(multi.values().stream().map(this::entry).toList())
              .addAllChangedBy(writtenBy(multi.changedBy())));
    } else if (value instanceof ReadResult.Value.Counter counter) {
      message.setCounter(
          Counter.newBuilder()
              .setValue(counter.value())
              .addAllChangedBy(writtenBy(counter.changedBy())));
    } else if (value instanceof ReadResult.Value.Elements set) {
      message.setSet(
          SetPage.newBuilder()
              .addAllElements(set.page().names().stream().map(Wire::toProto).toList())
              .setNext(Wire.toProto(set.page().next()))
              .addAllChangedBy(writtenBy(set.changedBy())));
    } else if (value instanceof ReadResult.Value.Range range) {
      message.setRange(range(range));
    } else if (value instanceof ReadResult.Value.Fields fields) {
      message.setMap(map(fields));
    } else {
      throw new AssertionError(value);
    }
    return message.build();
  }

  private Register register(ReadResult.Value.Register register) {
    var message = Register.newBuilder().setNeverWritten(register.neverWritten());
    register
        .stored()
        .ifPresent(
            it -> {
              it.value().ifPresent(value -> message.setValue(Wire.toProto(value)));
              message.setWrittenBy(writtenBy(it.position(), it.version()));
            });
    return message.build();
  }

  private FeedPage feed(ReadView.FeedSlice slice) {
    return FeedPage.newBuilder()
        .addAllEntries(slice.entries().stream().map(this::entry).toList())
        .setNext(Wire.toProto(slice.next()))
        .build();
  }

  private FeedEntry entry(Stored stored) {
    var entry = FeedEntry.newBuilder().setWrittenBy(writtenBy(stored.position(), stored.version()));
    stored.value().ifPresent(bytes -> entry.setValue(Wire.toProto(bytes)));
    return entry.build();
  }

  private RangePage range(ReadResult.Value.Range range) {
    var message = RangePage.newBuilder().setNext(Wire.toProto(range.next()));
    for (ReadResult.Value.KeyValue each : range.registers()) {
      message.addRegisters(
          KeyValue.newBuilder()
              .setKey(Wire.toProto(each.key()))
              .setValue(Wire.toProto(each.stored().value().orElseThrow()))
              .setWrittenBy(writtenBy(each.stored().position(), each.stored().version())));
    }
    return message.build();
  }

  private MapPage map(ReadResult.Value.Fields map) {
    var message = MapPage.newBuilder().setNext(Wire.toProto(map.next()));
    for (ReadResult.Value.Field field : map.fields()) {
      message
          .addFieldsBuilder()
          .setName(Wire.toProto(field.name()))
          .setValue(toProto(field.value()));
    }
    return message.build();
  }

  private List<WriteInfo> writtenBy(List<Part.Last> updates) {
    return updates.stream().map(last -> writtenBy(last.position(), last.version())).toList();
  }

  private WriteInfo writtenBy(Position position, Version version) {
    var message =
        WriteInfo.newBuilder()
            .setVersion(Wire.toProto(version))
            .setPosition(Wire.toProto(position));
    PositionSet known = dependencies.get(position);
    if (known != null) {
      message.setDependencies(Wire.toProto(known));
    }
    return message.build();
  }
}
