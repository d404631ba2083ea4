package dev.tidings.client.demo;

import dev.tidings.client.demo.Story.Arrival;
import dev.tidings.client.demo.Story.Said;
import dev.tidings.spacetime.SpaceTime;
import dev.tidings.spacetime.SpaceTime.Event;
import dev.tidings.spacetime.SpaceTime.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The space-time diagram of what was observed while the ring was played. */
final class RingDiagram {
  /**
   * One line of the drawing before the events are in order: which message it is of, and which part.
   */
  private record Item(Event event, RingWord word, Part part) {}

  private enum Part {
    ARRIVAL,
    SHOWN,
    READ,
    SAID
  }

  private RingDiagram() {}

  static SpaceTime of(String title, Story story, int replicas) {
    List<Item> items = new ArrayList<>();
    for (Said message : story.said()) {
      for (int replica = 1; replica <= replicas; replica++) {
        if (replica != message.write().position().origin().replicaId()) {
          addArrival(items, replica, message, story.arrival(replica, message.word()));
        }
      }
    }
    for (Said message : story.said()) {
      int home = message.write().position().origin().replicaId();
      addReading(items, message, home, story);
      items.add(
          new Item(
              event(
                  home,
                  Kind.WRITE,
                  message.timeMicros(),
                  "%s says \"%s\" (%s)"
                      .formatted(
                          message.word().speaker(),
                          message.word().text(),
                          message.write().version())),
              message.word(),
              Part.SAID));
    }
    // Stable, so that of what was seen at one moment arrivals come before what followed from them.
    items.sort(Comparator.comparingLong(item -> item.event().timeMicros()));
    var names = new ArrayList<String>();
    for (int replica = 1; replica <= replicas; replica++) {
      names.add("replica " + replica);
    }
    return new SpaceTime(
        title, names, items.stream().map(Item::event).toList(), messages(items), stalls(items));
  }

  private static void addArrival(List<Item> items, int replica, Said message, Arrival arrival) {
    Optional<Long> arrived = arrival.arrivedMicros();
    if (arrived.isEmpty()) {
      return;
    }
    // What a poll saw late did not arrive before it was said.
    long time = Math.max(arrived.get(), message.timeMicros());
    String text = "\"" + message.word().text() + "\"";
    items.add(
        arrival.wasStalled()
            ? new Item(
                event(replica, Kind.STALLED, time, text + " arrives and is stalled"),
                message.word(),
                Part.ARRIVAL)
            : new Item(
                event(replica, Kind.RECEIVE, time, text + " arrives and is visible"),
                message.word(),
                Part.ARRIVAL));
    if (arrival.wasStalled() && arrival.shownMicros().isPresent()) {
      long shown = Math.max(time, arrival.shownMicros().get());
      items.add(
          new Item(
              event(replica, Kind.VISIBLE, shown, text + " becomes visible"),
              message.word(),
              Part.SHOWN));
    }
  }

  /** What the speaker had read of someone else, just before speaking. */
  private static void addReading(List<Item> items, Said message, int home, Story story) {
    @Nullable RingWord read = message.word().needs().orElse(null);
    if (read == null || read.speaker().equals(message.word().speaker())) {
      return;
    }
    story
        .firstReading(message.word().speaker(), read)
        .ifPresent(
            reading ->
                items.add(
                    new Item(
                        event(
                            home,
                            Kind.READ,
                            reading.timeMicros(),
                            "%s reads \"%s\"".formatted(message.word().speaker(), read.text())),
                        message.word(),
                        Part.READ)));
  }

  private static Event event(int replica, Kind kind, long timeMicros, String label) {
    return new Event(replica - 1, kind, timeMicros, label);
  }

  private static List<SpaceTime.Message> messages(List<Item> items) {
    var messages = new ArrayList<SpaceTime.Message>();
    for (int from = 0; from < items.size(); from++) {
      for (int to = from + 1; to < items.size(); to++) {
        if (items.get(from).part() == Part.SAID
            && items.get(to).part() == Part.ARRIVAL
            && items.get(from).word() == items.get(to).word()) {
          messages.add(new SpaceTime.Message(from, to));
        }
      }
    }
    return messages;
  }

  private static List<SpaceTime.Stall> stalls(List<Item> items) {
    var stalls = new ArrayList<SpaceTime.Stall>();
    for (int from = 0; from < items.size(); from++) {
      for (int to = from + 1; to < items.size(); to++) {
        if (items.get(from).part() == Part.ARRIVAL
            && items.get(to).part() == Part.SHOWN
            && items.get(from).word() == items.get(to).word()
            && items.get(from).event().process() == items.get(to).event().process()) {
          stalls.add(new SpaceTime.Stall(from, to));
        }
      }
    }
    return stalls;
  }
}
