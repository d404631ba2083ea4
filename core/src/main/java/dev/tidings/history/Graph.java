package dev.tidings.history;

import java.util.Arrays;

/** A directed graph over nodes 0 to n-1, for walking along its edges. Immutable. */
final class Graph {
  private final int[] begin;
  private final int[] targets;

  private Graph(int[] begin, int[] targets) {
    this.begin = begin;
    this.targets = targets;
  }

  static Graph of(int nodes, Edges edges) {
    int[] begin = new int[nodes + 1];
    for (int i = 0; i < edges.size(); i++) {
      begin[edges.from(i) + 1]++;
    }
    for (int node = 0; node < nodes; node++) {
      begin[node + 1] += begin[node];
    }
    int[] targets = new int[edges.size()];
    int[] next = Arrays.copyOf(begin, nodes);
    for (int i = 0; i < edges.size(); i++) {
      targets[next[edges.from(i)]++] = edges.to(i);
    }
    return new Graph(begin, targets);
  }

  int nodes() {
    return begin.length - 1;
  }

  /** The first of a node's edges; they go up to {@link #end}, exclusive. */
  int begin(int node) {
    return begin[node];
  }

  int end(int node) {
    return begin[node + 1];
  }

  int target(int edge) {
    return targets[edge];
  }

  /**
   * The nodes in an order that agrees with all edges (Kahn 1962), breadth first; shorter than
   * {@link #nodes} where there is a cycle, then without what lies on cycles or behind them.
   */
  int[] topologicalOrder() {
    int[] incoming = new int[nodes()];
    for (int target : targets) {
      incoming[target]++;
    }
    int[] order = new int[nodes()];
    int known = 0;
    for (int node = 0; node < nodes(); node++) {
      if (incoming[node] == 0) {
        order[known++] = node;
      }
    }
    for (int i = 0; i < known; i++) {
      for (int edge = begin(order[i]); edge < end(order[i]); edge++) {
        if (--incoming[targets[edge]] == 0) {
          order[known++] = targets[edge];
        }
      }
    }
    return known == order.length ? order : Arrays.copyOf(order, known);
  }
}
