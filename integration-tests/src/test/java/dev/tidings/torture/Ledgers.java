package dev.tidings.torture;

import dev.tidings.client.Bytes;
import dev.tidings.client.FeedEntry;
import dev.tidings.client.WriteInfo;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;
import dev.tidings.history.Outcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The writes that are there in the end, compared with those that were tried, one by one.
 *
 * @param there the versions of all that are there
 * @param lost acknowledged writes that are gone with a disk that alone had them
 * @param findings what cannot be explained
 */
record Ledgers(Set<Version> there, List<Attempt> lost, List<String> findings) {

  /**
   * @param ledgers what each replica holds of each ledger, by replica
   * @param isWiped whether an origin has lost its disk
   * @param isThere whether replicas show what stands at a position
   * @param retried those that several replicas may have accepted: of two tries one is in the ledger
   */
  static Ledgers compare(
      Collection<Attempt> attempts,
      Map<String, List<List<FeedEntry>>> ledgers,
      Predicate<Origin> isWiped,
      Predicate<Position> isThere,
      Set<String> retried) {
    Map<String, Attempt> byId = new HashMap<>();
    attempts.forEach(attempt -> byId.put(attempt.id(), attempt));
    Set<Version> there = new HashSet<>();
    var findings = new ArrayList<String>();
    ledgers.forEach(
        (replica, held) -> {
          Set<String> found = new HashSet<>();
          for (int number = 0; number < held.size(); number++) {
            for (FeedEntry entry : held.get(number)) {
              check(replica, number, entry, byId, retried, findings);
              there.add(entry.writtenBy().version());
              if (!found.add(entry.value().utf8())) {
                findings.add("replica %s holds write %s twice".formatted(replica, entry.value()));
              }
            }
          }
          for (Attempt attempt : attempts) {
            WriteInfo write = attempt.write();
            if (write != null && !found.contains(attempt.id()) && !mayBeLost(attempt, isWiped)) {
              findings.add(
                  "replica %s has lost write %s at %s, which was acknowledged as durable on %d"
                      .formatted(replica, attempt.id(), write.position(), attempt.durableOn()));
            }
          }
        });
    List<Attempt> lost =
        attempts.stream()
            .filter(attempt -> mayBeLost(attempt, isWiped))
            .filter(attempt -> attempt.write() != null && !isThere.test(attempt.write().position()))
            .toList();
    return new Ledgers(there, lost, findings);
  }

  /** Whether it was acknowledged by one replica alone, whose disk is gone. */
  private static boolean mayBeLost(Attempt attempt, Predicate<Origin> isWiped) {
    WriteInfo write = attempt.write();
    return write != null && attempt.durableOn() < 2 && isWiped.test(write.position().origin());
  }

  private static void check(
      String replica,
      int ledger,
      FeedEntry entry,
      Map<String, Attempt> byId,
      Set<String> retried,
      List<String> findings) {
    Bytes id = entry.value();
    Attempt attempt = byId.get(id.utf8());
    if (attempt == null || attempt.ledger() != ledger) {
      findings.add("replica %s holds %s, which nobody wrote there".formatted(replica, id));
      return;
    }
    if (attempt.outcome() == Outcome.ABORTED) {
      findings.add("replica %s holds write %s, which was refused".formatted(replica, id));
    }
    WriteInfo write = attempt.write();
    if (write != null && !retried.contains(id.utf8()) && !write.equals(entry.writtenBy())) {
      findings.add(
          "replica %s holds write %s as %s at %s, but it was acknowledged as %s at %s"
              .formatted(
                  replica,
                  id,
                  entry.writtenBy().version(),
                  entry.writtenBy().position(),
                  write.version(),
                  write.position()));
    }
  }
}
