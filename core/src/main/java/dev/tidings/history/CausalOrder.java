package dev.tidings.history;

import java.util.Arrays;

/**
 * What happened before what: the transitive closure of session order and reads-from, between groups
 * that happened.
 *
 * <p>The groups of a session form a <i>chain</i>, and have positions on it, from 1 on. A group of
 * unknown outcome that somebody has read from is a chain of its own behind what its session did
 * before. What a replica held at the end is read after everything that was answered, and lies on no
 * chain, since nothing follows it. So a group's past is one number per chain: a vector clock.
 */
final class CausalOrder {
  private static final int NO_CHAIN = -1;

  /** Takes groups in an order that agrees with causality. */
  interface Visitor {
    void visit(int group);
  }

  private final History history;
  private final Sources sources;
  private final boolean[] happened;
  private final int[] chain;
  private final int[] position;

  /** The last answered group of the session before it, or -1. */
  private final int[] predecessor;

  /** The last answered group of each session, or -1. */
  private final int[] last;

  private int chains;
  private final int[] order;
  private final int[][] past;
  private final Edges edges = new Edges();
  private final int[] uses;

  CausalOrder(History history, Sources sources) {
    this.history = history;
    this.sources = sources;
    int groups = history.groups();
    happened = new boolean[groups];
    chain = new int[groups];
    position = new int[groups];
    predecessor = new int[groups];
    past = new int[groups][];
    uses = new int[groups];
    last = new int[history.sessions()];
    findHappened();
    layChains();
    collectEdges();
    order = Graph.of(groups, edges).topologicalOrder();
  }

  private void findHappened() {
    Ints toFollow = new Ints();
    for (int group = 0; group < happened.length; group++) {
      if (history.outcome(group) == Outcome.OK) {
        happened[group] = true;
        toFollow.add(group);
      }
    }
    for (int i = 0; i < toFollow.size(); i++) {
      int group = toFollow.get(i);
      for (int op = history.begin(group); op < history.end(group); op++) {
        int source = sources.of(op);
        if (source >= 0 && !happened[history.group(source)]) {
          happened[history.group(source)] = true;
          toFollow.add(history.group(source));
        }
      }
      for (int writer : sources.objects().writers(group)) {
        if (!happened[writer]) {
          happened[writer] = true;
          toFollow.add(writer);
        }
      }
    }
  }

  private void layChains() {
    Arrays.fill(chain, NO_CHAIN);
    Arrays.fill(predecessor, -1);
    Arrays.fill(last, -1);
    chains = history.sessions();
    for (int group = 0; group < happened.length; group++) {
      if (!happened[group] || history.isFinal(group)) {
        continue;
      }
      int session = history.session(group);
      int before = last[session];
      predecessor[group] = before;
      if (history.outcome(group) == Outcome.UNKNOWN) {
        chain[group] = chains++;
        position[group] = 1;
      } else {
        chain[group] = session;
        position[group] = before < 0 ? 1 : position[before] + 1;
        last[session] = group;
      }
    }
  }

  private void collectEdges() {
    for (int group = 0; group < happened.length; group++) {
      if (!happened[group]) {
        continue;
      }
      if (history.isFinal(group)) {
        for (int before : last) {
          if (before >= 0) {
            edge(before, group);
          }
        }
      } else if (predecessor[group] >= 0) {
        edge(predecessor[group], group);
      }
      for (int op = history.begin(group); op < history.end(group); op++) {
        if (sources.of(op) >= 0 && sources.isExternalRead(op)) {
          edge(history.group(sources.of(op)), group);
        }
      }
      for (int writer : sources.objects().writers(group)) {
        edge(writer, group);
      }
    }
  }

  private void edge(int from, int to) {
    edges.add(from, to);
    uses[from]++;
  }

  /** Whether the group was answered, or somebody has read from it. */
  boolean happened(int group) {
    return happened[group];
  }

  int groups() {
    return happened.length;
  }

  /** Whether nothing is before itself. Where something is, there are no vector clocks. */
  boolean isAcyclic() {
    return order.length == happened.length;
  }

  /** Session order, from each group to the next, and reads-from. */
  Edges edges() {
    return edges;
  }

  int chains() {
    return chains;
  }

  /** Negative for what a replica held at the end. */
  int chain(int group) {
    return chain[group];
  }

  int position(int group) {
    return position[group];
  }

  /** The last answered group of the same session before it, or -1. */
  int predecessor(int group) {
    return predecessor[group];
  }

  /** The last answered group of a session, or -1. */
  int last(int session) {
    return last[session];
  }

  /**
   * Visits all groups that happened, with their vector clocks: {@link #past} answers for the group
   * itself and for what it has read from.
   *
   * @param keep whether the clocks of all groups are kept, so that afterwards {@link #past} answers
   *     for every group; costs a number per group and chain, less what neighbours share
   */
  void visit(boolean keep, Visitor visitor) {
    int[] left = keep ? null : uses.clone();
    for (int group : order) {
      if (!happened[group]) {
        continue;
      }
      past[group] = clock(group);
      visitor.visit(group);
      if (left != null) {
        release(group, left);
      }
    }
  }

  private void release(int group, int[] left) {
    if (left[group] == 0) {
      forget(group);
    }
    if (history.isFinal(group)) {
      for (int before : last) {
        use(before, left);
      }
    } else {
      use(predecessor[group], left);
    }
    for (int op = history.begin(group); op < history.end(group); op++) {
      if (sources.of(op) >= 0 && sources.isExternalRead(op)) {
        use(history.group(sources.of(op)), left);
      }
    }
    for (int writer : sources.objects().writers(group)) {
      use(writer, left);
    }
  }

  private void use(int group, int[] left) {
    if (group >= 0 && --left[group] == 0) {
      forget(group);
    }
  }

  @SuppressWarnings("NullAway") // the past of a group is asked for only while it is known
  private void forget(int group) {
    past[group] = null;
  }

  /**
   * How far the past of a group reaches on a chain: the highest position there that happened before
   * the group, itself not counted; 0 for none.
   */
  int past(int group, int onChain) {
    return onChain == chain[group] ? position[group] - 1 : past[group][onChain];
  }

  /** Whether what stands at a position of a chain is causally before a group. */
  boolean knows(int group, int onChain, int position) {
    return past(group, onChain) >= position;
  }

  /** Whether one group is causally before another. */
  boolean isBefore(int first, int second) {
    return chain[first] >= 0 && knows(second, chain[first], position[first]);
  }

  /**
   * What neighbours on a chain know alike is one array, whose number for their own chain is behind;
   * {@link #past(int, int)} never looks at it.
   */
  private int[] clock(int group) {
    int before = predecessor[group];
    boolean shared = before >= 0 && chain[before] == chain[group];
    int[] clock;
    if (shared) {
      clock = past[before];
    } else if (before >= 0) {
      clock = past[before].clone();
      clock[chain[before]] = position[before];
    } else {
      clock = new int[chains];
      if (history.isFinal(group)) {
        for (int answered : last) {
          merge(clock, answered);
        }
      }
    }
    for (int op = history.begin(group); op < history.end(group); op++) {
      if (sources.of(op) < 0 || !sources.isExternalRead(op)) {
        continue;
      }
      int writer = history.group(sources.of(op));
      if (!covers(clock, group, writer)) {
        clock = shared ? clock.clone() : clock;
        shared = false;
        merge(clock, writer);
      }
    }
    for (int writer : sources.objects().writers(group)) {
      if (!covers(clock, group, writer)) {
        clock = shared ? clock.clone() : clock;
        shared = false;
        merge(clock, writer);
      }
    }
    return clock;
  }

  private boolean covers(int[] clock, int group, int writer) {
    return chain[writer] == chain[group] || clock[chain[writer]] >= position[writer];
  }

  private void merge(int[] clock, int group) {
    if (group < 0) {
      return;
    }
    int[] other = past[group];
    for (int i = 0; i < clock.length; i++) {
      clock[i] = Math.max(clock[i], other[i]);
    }
    clock[chain[group]] = Math.max(clock[chain[group]], position[group]);
  }
}
