package dev.tidings.torture;

import dev.tidings.client.Bytes;
import dev.tidings.client.Content;
import dev.tidings.client.CounterValue;
import dev.tidings.client.FeedEntry;
import dev.tidings.client.FeedPage;
import dev.tidings.client.Item;
import dev.tidings.client.Mutation;
import dev.tidings.client.SetPage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What counters, sets and feeds hold in the end, compared with the writes that are in the ledgers:
 * each of them counts once, however often and wherever it was tried.
 *
 * @param counted how many increments, adds and appends there are
 * @param findings what is lost, doubled, or from nowhere
 */
record Tallies(long counted, List<String> findings) {
  /**
   * @param attempts all writes
   * @param there the ids of those that are in the ledgers
   * @param items of a replica
   * @param contents what it holds of each
   */
  static Tallies compare(
      List<Attempt> attempts,
      Set<String> there,
      List<? extends Item.Simple<?>> items,
      List<Content> contents) {
    Map<Bytes, Long> counters = new HashMap<>();
    Map<Bytes, Map<Bytes, Integer>> sets = new HashMap<>();
    Map<Bytes, Map<Bytes, Integer>> feeds = new HashMap<>();
    long counted = 0;
    for (Attempt attempt : attempts) {
      for (Mutation mutation : there.contains(attempt.id()) ? attempt.mutations() : NONE) {
        if (mutation instanceof Mutation.Increment increment) {
          counters.merge(increment.counter(), increment.by(), Long::sum);
          counted++;
        } else if (mutation instanceof Mutation.Add add) {
          add.elements().forEach(each -> count(each, 1, sets, add.set()));
          counted++;
        } else if (mutation instanceof Mutation.Remove remove) {
          remove.elements().forEach(each -> count(each, -1, sets, remove.set()));
        } else if (mutation instanceof Mutation.Append append) {
          count(append.value(), 1, feeds, append.feed());
          counted++;
        }
      }
    }
    var findings = new ArrayList<String>();
    for (int i = 0; i < items.size(); i++) {
      Content content = contents.get(i);
      if (content instanceof CounterValue held
          && items.get(i) instanceof Item.Counter counter
          && held.value() != counters.getOrDefault(counter.counter(), 0L)) {
        findings.add(
            "counter %s is at %d, but the increments that are there come to %d"
                .formatted(
                    counter.counter(), held.value(), counters.getOrDefault(counter.counter(), 0L)));
      } else if (content instanceof SetPage held && items.get(i) instanceof Item.Elements set) {
        compare(
            "set " + set.set(), sets.getOrDefault(set.set(), Map.of()), held.elements(), findings);
      } else if (content instanceof FeedPage held && items.get(i) instanceof Item.Feed feed) {
        List<Bytes> values = held.entries().stream().map(FeedEntry::value).toList();
        compare("feed " + feed.feed(), feeds.getOrDefault(feed.feed(), Map.of()), values, findings);
      }
    }
    return new Tallies(counted, findings);
  }

  private static final List<Mutation> NONE = List.of();

  private static void count(Bytes what, int by, Map<Bytes, Map<Bytes, Integer>> all, Bytes object) {
    all.computeIfAbsent(object, o -> new HashMap<>()).merge(what, by, Integer::sum);
  }

  private static void compare(
      String name, Map<Bytes, Integer> wanted, List<Bytes> held, List<String> findings) {
    Set<Bytes> found = new HashSet<>();
    for (Bytes each : held) {
      if (!found.add(each)) {
        findings.add("%s has %s twice".formatted(name, each));
      } else if (wanted.getOrDefault(each, 0) < 1) {
        findings.add("%s has %s, which was removed or never written".formatted(name, each));
      }
    }
    String lost =
        wanted.entrySet().stream()
            .filter(each -> each.getValue() > 0 && !found.contains(each.getKey()))
            .map(each -> each.getKey().toString())
            .sorted()
            .collect(Collectors.joining(", "));
    if (!lost.isEmpty()) {
      findings.add("%s has lost %s".formatted(name, lost));
    }
  }
}
