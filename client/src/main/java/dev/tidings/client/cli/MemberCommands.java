package dev.tidings.client.cli;

import dev.tidings.client.Admin;
import dev.tidings.client.Member;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code admin members|join|remove}: who belongs to the cluster. */
@Command(
    description = "Say, or change, which replicas belong to the cluster.",
    subcommands = {
      MemberCommands.Members.class,
      MemberCommands.Join.class,
      MemberCommands.Remove.class
    },
    footer = {
      "",
      "For example:",
      "  admin members",
      "  admin join --id 4 --peer-address 127.0.0.1:8103     then start replica 4",
      "  admin remove --id 3                                 then stop replica 3"
    })
final class MemberCommands {
  private static Admin admin(Conversation conversation) {
    return conversation.tidings().admin(conversation.session().replica());
  }

  private static void tell(Conversation conversation, List<Member> members) {
    conversation
        .out()
        .println(
            Tables.table(
                members,
                List.of(
                    Tables.number("replica", Member::replicaId),
                    Tables.text("peers at", Member::peerAddress),
                    Tables.text("member", member -> member.removed() ? "removed" : "yes"),
                    Tables.number(
                        "incarnation",
                        member ->
                            member
                                .origin()
                                .map(origin -> String.valueOf(origin.incarnation()))
                                .orElse(member.removed() ? "" : "not seen yet")))));
  }

  @Command(name = "members", description = "Say who belongs to the cluster.")
  static final class Members implements ClientCommand {
    @Override
    public void run(Conversation conversation) {
      tell(conversation, admin(conversation).members());
    }
  }

  @Command(
      name = "join",
      description =
          "Take a replica into the cluster, or say where a member is reached from now on.")
  static final class Join implements ClientCommand {
    @Option(
        names = "--id",
        required = true,
        paramLabel = "N",
        description = "Its number, 1 or more.")
    private int id;

    @Option(
        names = "--peer-address",
        required = true,
        paramLabel = "HOST:PORT",
        description = "Where the other replicas reach it: its --peer-listen.")
    private String peerAddress = "";

    @Override
    public void run(Conversation conversation) {
      tell(conversation, admin(conversation).join(id, peerAddress));
    }
  }

  @Command(
      name = "remove",
      description = "Take a replica out of the cluster; ask another member than that one.")
  static final class Remove implements ClientCommand {
    @Option(names = "--id", required = true, paramLabel = "N", description = "Its number.")
    private int id;

    @Override
    public void run(Conversation conversation) {
      tell(conversation, admin(conversation).remove(id));
    }
  }
}
