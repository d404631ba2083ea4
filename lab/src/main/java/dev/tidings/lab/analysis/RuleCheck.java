package dev.tidings.lab.analysis;

import dev.tidings.drift.DriftEvent;
import dev.tidings.lab.analysis.LoggedEvent.LoggedMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Which events break the experiment's rules. */
public final class RuleCheck {
  private RuleCheck() {}

  /**
   * An event that breaks a rule.
   *
   * @param seconds when, since the first event of all
   * @param words one line that names it
   */
  public record Violation(double seconds, String words) {}

  /** All of them, the first in time first. */
  static List<Violation> of(Run run) {
    var violations = new ArrayList<Violation>();
    for (int place = 0; place < run.hosts().size(); place++) {
      Run.Host host = run.hosts().get(place);
      long clock = 0;
      long tick = -1;
      for (int i = 0; i < host.events().size(); i++) {
        LoggedEvent event = host.events().get(i);
        LoggedMessage message = event.message();
        boolean isReceipt = event.type() == DriftEvent.Type.RECEIVE && message != null;
        long expected =
            (isReceipt && message != null ? Math.max(clock, message.lamportTime()) : clock) + 1;
        String where =
            String.format(
                Locale.ROOT,
                "host %d, event %d (%s at %.3f s)",
                host.id(),
                i + 1,
                event.type(),
                run.seconds(place, i));
        if (event.lamportTime() != expected) {
          violations.add(
              new Violation(
                  run.seconds(place, i),
                  isReceipt && message != null
                      ? "%s breaks Lamport's rule: own clock %d, message's %d, so it is max(%d, %d) + 1 = %d, not %d"
                          .formatted(
                              where,
                              clock,
                              message.lamportTime(),
                              clock,
                              message.lamportTime(),
                              expected,
                              event.lamportTime())
                      : "%s breaks Lamport's rule: the clock was %d, so it is %d, not %d"
                          .formatted(where, clock, expected, event.lamportTime())));
        }
        if (event.tick() >= 0 && event.tick() == tick) {
          violations.add(
              new Violation(
                  run.seconds(place, i),
                  "%s is one more event at tick %d; a tick has one".formatted(where, tick)));
        } else if (event.tick() > tick + 1) {
          violations.add(
              new Violation(
                  run.seconds(place, i),
                  "%s is at tick %d, and tick %d had no event; a tick has one"
                      .formatted(where, event.tick(), tick + 1)));
        }
        tick = event.tick();
        clock = event.lamportTime();
      }
    }
    violations.sort(Comparator.comparingDouble(Violation::seconds));
    return violations;
  }
}
