package dev.tidings.history;

import dev.tidings.history.Violation.Step;
import dev.tidings.spacetime.SpaceTime;
import dev.tidings.spacetime.SpaceTime.Event;
import dev.tidings.spacetime.SpaceTime.Kind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A violation as a space-time diagram: who did what, one after another in each session, and what
 * was read from whom. Times in it only say what comes first. Where something is before itself, the
 * message that would go back in time is left out.
 */
public final class ViolationDiagram {
  private final History history;
  private final List<Step> placed = new ArrayList<>();
  private final List<Step> left;

  private ViolationDiagram(History history, List<Step> steps) {
    this.history = history;
    this.left = new ArrayList<>(steps);
  }

  /** The diagram of what one violation of a history tells. */
  public static SpaceTime of(String title, History history, Violation violation) {
    var diagram = new ViolationDiagram(history, violation.steps());
    diagram.place();
    return diagram.draw(title);
  }

  /** Each after those that precede it in its session, and after what it has read. */
  private void place() {
    while (!left.isEmpty()) {
      Step next = left.stream().filter(this::isReady).findFirst().orElse(left.get(0));
      left.remove(next);
      placed.add(next);
    }
  }

  private boolean isReady(Step step) {
    return left.stream()
        .noneMatch(
            other ->
                other.operation() == step.from()
                    || (other.who().equals(step.who()) && other.operation() < step.operation()));
  }

  private SpaceTime draw(String title) {
    Set<String> names = new LinkedHashSet<>();
    placed.forEach(step -> names.add(step.who()));
    List<String> processes = List.copyOf(names);
    var events = new ArrayList<Event>();
    var messages = new ArrayList<SpaceTime.Message>();
    for (int i = 0; i < placed.size(); i++) {
      Step step = placed.get(i);
      int process = processes.indexOf(step.who());
      Kind kind = history.isWrite(step.operation()) ? Kind.WRITE : Kind.READ;
      events.add(new Event(process, kind, i, step.place() + ": " + step.what()));
      for (int from = 0; from < i; from++) {
        if (placed.get(from).operation() == step.from() && events.get(from).process() != process) {
          messages.add(new SpaceTime.Message(from, i));
        }
      }
    }
    return new SpaceTime(title, processes, events, messages, List.of());
  }
}
