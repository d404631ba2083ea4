package dev.tidings.spacetime;

import dev.tidings.clock.VectorClock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;

/**
 * What happened at some processes, and the messages between them. Immutable.
 *
 * @param title one line
 * @param processes their names, all different, in the order in which they are drawn
 * @param events in an order in which they could have happened one after another: at each process by
 *     time, and a message's sending before its receipt
 * @param messages between different processes
 * @param stalls at one process each
 */
public record SpaceTime(
    String title,
    List<String> processes,
    List<Event> events,
    List<Message> messages,
    List<Stall> stalls) {

  /**
   * @throws IllegalArgumentException if it tells of something that cannot have happened
   */
  public SpaceTime {
    processes = List.copyOf(processes);
    events = List.copyOf(events);
    messages = List.copyOf(messages);
    stalls = List.copyOf(stalls);
    if (new HashSet<>(processes).size() < processes.size()) {
      throw new IllegalArgumentException("two processes have one name: " + processes);
    }
    checkEvents(processes.size(), events);
    for (Message message : messages) {
      Event sending = event(events, message.from());
      Event receipt = event(events, message.to());
      if (message.from() >= message.to()
          || sending.timeMicros() > receipt.timeMicros()
          || sending.process() == receipt.process()) {
        throw new IllegalArgumentException(
            "a message goes from %s to %s".formatted(sending, receipt));
      }
    }
    for (Stall stall : stalls) {
      Event begin = event(events, stall.from());
      Event end = event(events, stall.to());
      if (stall.from() >= stall.to() || begin.process() != end.process()) {
        throw new IllegalArgumentException("a stall lasts from %s to %s".formatted(begin, end));
      }
    }
  }

  private static void checkEvents(int processes, List<Event> events) {
    long[] last = new long[processes];
    for (Event event : events) {
      if (event.process() < 0 || event.process() >= processes) {
        throw new IllegalArgumentException("there is no process of " + event);
      }
      if (event.timeMicros() < last[event.process()]) {
        throw new IllegalArgumentException(event + " lies before the event that precedes it");
      }
      last[event.process()] = event.timeMicros();
    }
  }

  private static Event event(List<Event> events, int index) {
    if (index < 0 || index >= events.size()) {
      throw new IllegalArgumentException("there is no event " + index);
    }
    return events.get(index);
  }

  /** What an event is; decides how it is drawn. */
  public enum Kind {
    WRITE,
    /** Something arrived, and counts at once. */
    RECEIVE,
    /** Something arrived, and has to wait. */
    STALLED,
    /** What had to wait counts now. */
    VISIBLE,
    READ
  }

  /**
   * One event.
   *
   * @param process its index in {@link SpaceTime#processes()}
   * @param timeMicros microseconds since the diagram's beginning, 0 or more
   * @param label what happened, in a few words
   */
  public record Event(int process, Kind kind, long timeMicros, String label) {}

  /**
   * A message: indexes in {@link SpaceTime#events()}.
   *
   * @param from its sending
   * @param to its receipt
   */
  public record Message(int from, int to) {}

  /**
   * A time of waiting: indexes in {@link SpaceTime#events()}.
   *
   * @param from the arrival of what had to wait
   * @param to when it counted
   */
  public record Stall(int from, int to) {}

  /**
   * Each event's vector time (Fidge 1988, Mattern 1989), in the order of the events. A process's
   * host id is its index plus 1; each event counts, a receipt after it has taken in what the
   * message knew.
   */
  public List<VectorClock> vectorClocks() {
    var now = new VectorClock[processes.size()];
    Arrays.fill(now, VectorClock.ZERO);
    var times = new VectorClock[events.size()];
    var receipts = new HashMap<Integer, List<Message>>();
    for (Message message : messages) {
      receipts.computeIfAbsent(message.to(), to -> new ArrayList<>()).add(message);
    }
    for (int i = 0; i < times.length; i++) {
      int process = events.get(i).process();
      VectorClock time = now[process];
      for (Message message : receipts.getOrDefault(i, List.of())) {
        time = time.merge(times[message.from()]);
      }
      time = time.tick(process + 1);
      now[process] = time;
      times[i] = time;
    }
    return List.of(times);
  }
}
