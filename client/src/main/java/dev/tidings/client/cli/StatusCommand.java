package dev.tidings.client.cli;

import dev.tidings.client.ReplicaStatus;
import dev.tidings.client.TidingsException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;

/** {@code status}: how the replicas stand, asked of all that one of them knows. */
@Command(
    description = "Say how the replicas stand.",
    footer = {
      "",
      "The second table has a line for each log and each state in which replicas are with it: held is",
      "durable there, visible is readable, +N counts what is readable beyond a write that is not. The lag",
      "is as the log's own replica sees it, or else the one that holds most of it: how many writes the",
      "others lack, and how long ago the first of these was committed."
    })
final class StatusCommand implements ClientCommand {
  /** Of each replica's stalled writes so many are told. */
  private static final int MAX_STALLED = 10;

  @Override
  public void run(Conversation conversation) {
    var cluster = SeenCluster.from(conversation, conversation.session().replica());
    Map<Integer, ReplicaStatus> reached = new TreeMap<>();
    Map<Integer, String> addresses = new TreeMap<>();
    var problems = new ArrayList<String>();
    for (int id : cluster.members()) {
      try {
        reached.put(id, cluster.status(id));
        addresses.put(id, cluster.address(id));
      } catch (TidingsException | CommandFailure e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    PrintWriter out = conversation.out();
    ReplicaStatus first = cluster.status(cluster.first());
    out.printf(
        "cluster \"%s\", %s consistency%n",
        first.cluster(), first.consistency().name().toLowerCase(Locale.ROOT));
    var tables = new StatusTables(reached, addresses);
    out.println(tables.replicas());
    out.println(tables.logs());
    out.print(tables.reasons());
    reached.values().forEach(status -> tellStalled(status, out));
    problems.forEach(out::println);
  }

  private static void tellStalled(ReplicaStatus status, PrintWriter out) {
    status.stalled().stream()
        .limit(MAX_STALLED)
        .forEach(
            stalled ->
                out.printf(
                    "replica %d: write %s (version %s) is stalled, waits for %s%n",
                    status.origin().replicaId(),
                    stalled.position(),
                    stalled.version(),
                    SessionCommands.words(stalled.missing())));
    long more = status.stalledNow() - Math.min(MAX_STALLED, status.stalled().size());
    if (more > 0) {
      out.printf("replica %d: %d more are stalled%n", status.origin().replicaId(), more);
    }
  }
}
