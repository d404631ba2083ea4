package dev.tidings.history;

import dev.tidings.history.Guarantees.Broken;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Decides whether a history was causal.
 *
 * <p>For a history of n operations by k sessions, the verdict takes time in the order of n·k; where
 * nothing is wrong, causal convergence needs only the vector clocks of what is still to be read.
 * The other models, and an explanation, need those of all groups.
 */
public final class Checker {
  private Checker() {}

  /**
   * Judges a history. Whatever the model, reads must be of writes that happened, nothing may be
   * before itself, and what replicas held at the end must be alike and lack no acknowledged write.
   *
   * @param progress told how many of the history's groups have been looked at; on the calling
   *     thread
   * @throws BadHistoryException if the history does not tell which write a read has read
   */
  public static Judgement judge(History history, Model model, LongConsumer progress) {
    Sources sources = Sources.of(history);
    var order = new CausalOrder(history, sources);
    var search = new Search(history, model, sources, order);
    Optional<Violation> plain = search.plainViolation();
    if (!order.isAcyclic()) {
      return new Judgement(model, plain, Set.of());
    }
    if (plain.isEmpty() && model == Model.CCV && search.converges(progress)) {
      return new Judgement(model, Optional.empty(), Set.of());
    }
    Map<Guarantee, Broken> broken = search.brokenGuarantees(progress);
    Optional<Violation> violation = plain.isPresent() ? plain : search.violation(broken);
    return new Judgement(model, violation, violation.isPresent() ? broken.keySet() : Set.of());
  }
}
