package dev.tidings.history;

import java.util.Optional;
import java.util.Set;

/**
 * What the checker says of a history.
 *
 * @param violation the smallest that was found; empty for a history that keeps to the model
 * @param broken the session guarantees that some read of the history breaks; empty for a history
 *     that keeps to the model, and where something is before itself, so that nothing is newer
 */
public record Judgement(Model model, Optional<Violation> violation, Set<Guarantee> broken) {
  public Judgement {
    broken = Set.copyOf(broken);
  }

  public boolean isCausal() {
    return violation.isEmpty();
  }
}
