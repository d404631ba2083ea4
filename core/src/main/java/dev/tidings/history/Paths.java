package dev.tidings.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Finds the shortest explanations of why one group is before another. Any number of groups of one
 * session, one after another, count as one hop. What all searches together may visit is bounded, so
 * that a history of millions with thousands of faults is still explained in seconds, though then
 * perhaps not in the fewest words.
 */
final class Paths {
  private static final long BUDGET = 40_000_000;

  /** A group, and whether it was entered along its session, so that going on there is free. */
  private static final int ALONG = 1;

  private final CausalOrder order;
  private final History history;
  private final Sources sources;
  private final int[] hops;
  private final int[] cameFrom;
  private final int[] searched;
  private int search;
  private long left = BUDGET;

  Paths(History history, Sources sources, CausalOrder order) {
    this.history = history;
    this.sources = sources;
    this.order = order;
    hops = new int[order.groups() * 2];
    cameFrom = new int[order.groups() * 2];
    searched = new int[order.groups() * 2];
  }

  boolean isExhausted() {
    return left <= 0;
  }

  /**
   * The shortest way to a group from one that is searched for; empty if there is none of at most so
   * many hops.
   */
  Optional<List<Hop>> to(int target, IntPredicate wanted, int atMost) {
    search++;
    var level = new Ints();
    var next = new Ints();
    reach(target * 2, 0, -1, level);
    for (int distance = 0; distance <= atMost && level.size() > 0; distance++) {
      for (int i = 0; i < level.size(); i++) {
        int state = level.get(i);
        if (hops[state] < distance) {
          continue;
        }
        left--;
        int group = state / 2;
        if (group != target && wanted.test(group)) {
          return Optional.of(waysBack(state));
        }
        boolean along = state % 2 == ALONG;
        if (history.isFinal(group)) {
          for (int session = 0; session < history.sessions(); session++) {
            reachSession(order.last(session), distance + 1, state, next);
          }
        } else {
          reachSession(
              order.predecessor(group),
              along ? distance : distance + 1,
              state,
              along ? level : next);
        }
        for (int op = history.begin(group); op < history.end(group); op++) {
          if (sources.of(op) >= 0 && sources.isExternalRead(op)) {
            reach(history.group(sources.of(op)) * 2, distance + 1, state, next);
          }
        }
        for (int writer : sources.objects().writers(group)) {
          reach(writer * 2, distance + 1, state, next);
        }
      }
      Ints done = level;
      level = next;
      next = done;
      next.clear();
    }
    return Optional.empty();
  }

  private void reachSession(int group, int distance, int from, Ints level) {
    if (group >= 0) {
      reach(group * 2 + ALONG, distance, from, level);
    }
  }

  private void reach(int state, int distance, int from, Ints level) {
    if (searched[state] == search && hops[state] <= distance) {
      return;
    }
    searched[state] = search;
    hops[state] = distance;
    cameFrom[state] = from;
    level.add(state);
  }

  private List<Hop> waysBack(int found) {
    var path = new ArrayList<Hop>();
    for (int state = found; cameFrom[state] >= 0; state = cameFrom[state]) {
      int from = state / 2;
      int to = cameFrom[state] / 2;
      boolean session = state % 2 == ALONG;
      Hop last = path.isEmpty() ? null : path.get(path.size() - 1);
      if (session && last != null && last.kind() == Hop.Kind.SESSION) {
        path.set(path.size() - 1, new Hop(Hop.Kind.SESSION, last.from(), to));
      } else {
        path.add(new Hop(session ? Hop.Kind.SESSION : Hop.Kind.READ, from, to));
      }
    }
    return path;
  }

  /**
   * A shortest cycle over session order, reads-from and further edges.
   *
   * @param further edges of kind {@link Hop.Kind#NEWER}
   * @param versions edges of kind {@link Hop.Kind#VERSION}
   */
  Optional<List<Hop>> cycle(Edges further, Edges versions) {
    int groups = order.groups();
    var all = new Edges();
    all.addAll(order.edges());
    all.addAll(further);
    all.addAll(versions);
    boolean[] onCycle = onCycles(groups, all);
    Graph causal = Graph.of(groups, order.edges());
    Graph newer = Graph.of(groups, further);
    Graph version = Graph.of(groups, versions);
    List<Hop> best = List.of();
    for (int start = 0; start < groups; start++) {
      if (!onCycle[start] || (!best.isEmpty() && isExhausted())) {
        continue;
      }
      int atMost = best.isEmpty() ? Integer.MAX_VALUE : best.size() - 1;
      List<Hop> found = around(start, onCycle, atMost, causal, newer, version);
      if (!found.isEmpty()) {
        best = found;
      }
    }
    return best.isEmpty() ? Optional.empty() : Optional.of(best);
  }

  /** What remains when all that is before, or behind, every cycle is taken away. */
  private static boolean[] onCycles(int groups, Edges edges) {
    var reversed = new Edges();
    for (int i = 0; i < edges.size(); i++) {
      reversed.add(edges.to(i), edges.from(i));
    }
    boolean[] remains = new boolean[groups];
    Arrays.fill(remains, true);
    for (int group : Graph.of(groups, edges).topologicalOrder()) {
      remains[group] = false;
    }
    for (int group : Graph.of(groups, reversed).topologicalOrder()) {
      remains[group] = false;
    }
    return remains;
  }

  private List<Hop> around(
      int start, boolean[] onCycle, int atMost, Graph causal, Graph newer, Graph version) {
    search++;
    var level = new Ints();
    var next = new Ints();
    reach(start * 2, 0, -1, level);
    for (int distance = 0; distance < atMost && level.size() > 0; distance++) {
      for (int i = 0; i < level.size(); i++) {
        int state = level.get(i);
        if (hops[state] < distance) {
          continue;
        }
        left--;
        int group = state / 2;
        boolean along = state % 2 == ALONG;
        for (int edge = causal.begin(group); edge < causal.end(group); edge++) {
          int to = causal.target(edge);
          boolean session = order.predecessor(to) == group;
          if (to == start) {
            return closed(state, session ? Hop.Kind.SESSION : Hop.Kind.READ, start, causal, newer);
          }
          if (onCycle[to]) {
            boolean free = session && along;
            reach(
                to * 2 + (session ? ALONG : 0),
                free ? distance : distance + 1,
                state,
                free ? level : next);
          }
        }
        for (Graph graph : List.of(newer, version)) {
          for (int edge = graph.begin(group); edge < graph.end(group); edge++) {
            int to = graph.target(edge);
            if (to == start) {
              return closed(
                  state,
                  graph.equals(newer) ? Hop.Kind.NEWER : Hop.Kind.VERSION,
                  start,
                  causal,
                  newer);
            }
            if (onCycle[to]) {
              reach(to * 2, distance + 1, state, next);
            }
          }
        }
      }
      Ints done = level;
      level = next;
      next = done;
      next.clear();
    }
    return List.of();
  }

  private List<Hop> closed(int lastState, Hop.Kind kind, int start, Graph causal, Graph newer) {
    var path = new ArrayList<Hop>();
    path.add(new Hop(kind, lastState / 2, start));
    for (int state = lastState; cameFrom[state] >= 0; state = cameFrom[state]) {
      int from = cameFrom[state] / 2;
      int to = state / 2;
      path.add(new Hop(kind(from, to, state % 2 == ALONG, causal, newer), from, to));
    }
    Collections.reverse(path);
    return merged(path);
  }

  private static Hop.Kind kind(int from, int to, boolean session, Graph causal, Graph newer) {
    if (session) {
      return Hop.Kind.SESSION;
    }
    if (hasEdge(causal, from, to)) {
      return Hop.Kind.READ;
    }
    return hasEdge(newer, from, to) ? Hop.Kind.NEWER : Hop.Kind.VERSION;
  }

  private static boolean hasEdge(Graph graph, int from, int to) {
    for (int edge = graph.begin(from); edge < graph.end(from); edge++) {
      if (graph.target(edge) == to) {
        return true;
      }
    }
    return false;
  }

  /** Hops of one session, one after another, also over the cycle's end, are one. */
  private static List<Hop> merged(List<Hop> cycle) {
    var merged = new ArrayList<Hop>();
    for (Hop hop : cycle) {
      Hop last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
      if (last != null && isSession(last) && isSession(hop)) {
        merged.set(merged.size() - 1, new Hop(Hop.Kind.SESSION, last.from(), hop.to()));
      } else {
        merged.add(hop);
      }
    }
    Hop first = merged.get(0);
    Hop last = merged.get(merged.size() - 1);
    if (merged.size() > 1 && isSession(first) && isSession(last)) {
      merged.set(0, new Hop(Hop.Kind.SESSION, last.from(), first.to()));
      merged.remove(merged.size() - 1);
    }
    return merged;
  }

  private static boolean isSession(Hop hop) {
    return hop.kind() == Hop.Kind.SESSION;
  }
}
