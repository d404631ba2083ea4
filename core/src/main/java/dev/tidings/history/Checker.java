package dev.tidings.history;

import dev.tidings.history.Guarantees.Broken;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a history was causal.
 *
 * <p>For a history of n operations by k sessions, the verdict takes time in the order of n·k; where
 * nothing is wrong, causal convergence needs only the vector clocks of what is still to be read.
 * The other models, and an explanation, need those of all groups.
 */
public final class Checker {
  /** How many groups are judged, at most, to find something that was read. */
  private static final long WORK = 1_000_000;

  private Checker() {}

  /**
   * Judges a history. Whatever the model, reads must be of writes that happened, nothing may be
   * before itself, and what replicas held at the end must be alike and lack no acknowledged write.
   *
   * @param progress told how many of the history's groups have been looked at; on the calling
   *     thread
   *     <p>Where nothing tells whether an absent key that was read had been deleted, by whom, or
   *     never written, the history is causal if one of these explains it.
   * @throws BadHistoryException if the history does not tell which write a read has read
   */
  public static Judgement judge(History history, Model model, LongConsumer progress) {
    Sources sources = Sources.of(history, Map.of());
    return sources.openAbsences().isEmpty()
        ? judge(history, sources, model, progress)
        : judgeEachWay(history, sources, model, progress);
  }

  /** It is causal if there is something that the reads that found nothing may have read. */
  private static Judgement judgeEachWay(
      History history, Sources sources, Model model, LongConsumer progress) {
    List<Map.Entry<Integer, List<Integer>>> open = List.copyOf(sources.openAbsences().entrySet());
    long ways = 1;
    for (Map.Entry<Integer, List<Integer>> each : open) {
      ways = Math.min(WORK, ways * each.getValue().size());
    }
    if (ways * history.groups() > WORK) {
      throw sources.ambiguity(sources.openAbsences());
    }
    @Nullable Judgement first = null;
    for (long way = 0; way < ways; way++) {
      Map<Integer, Integer> choice = new HashMap<>();
      long left = way;
      for (Map.Entry<Integer, List<Integer>> each : open) {
        int candidates = each.getValue().size();
        choice.put(each.getKey(), each.getValue().get((int) (left % candidates)));
        left /= candidates;
      }
      Judgement judgement = judge(history, Sources.of(history, choice), model, progress);
      if (judgement.isCausal()) {
        return judgement;
      }
      first = first == null ? judgement : first;
    }
    return Objects.requireNonNull(first);
  }

  private static Judgement judge(
      History history, Sources sources, Model model, LongConsumer progress) {
    var order = new CausalOrder(history, sources);
    var search = new Search(history, model, sources, order);
    Optional<Violation> plain = search.plainViolation();
    if (!order.isAcyclic()) {
      return new Judgement(model, plain, Set.of());
    }
    if (plain.isEmpty() && model != Model.SESSION && history.hasObjects()) {
      plain = search.objectViolation();
    }
    if (plain.isEmpty() && model == Model.CCV && search.converges(progress)) {
      return new Judgement(model, Optional.empty(), Set.of());
    }
    Map<Guarantee, Broken> broken = search.brokenGuarantees(progress);
    Optional<Violation> violation = plain.isPresent() ? plain : search.violation(broken);
    if (violation.isEmpty()) {
      return new Judgement(model, violation, Set.of());
    }
    Set<Guarantee> all = EnumSet.noneOf(Guarantee.class);
    all.addAll(broken.keySet());
    Optional.ofNullable(violation.get().guarantee()).ifPresent(all::add);
    return new Judgement(model, violation, all);
  }
}
