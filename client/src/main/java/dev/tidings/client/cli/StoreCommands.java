package dev.tidings.client.cli;

import dev.tidings.client.Bytes;
import dev.tidings.client.Condition;
import dev.tidings.client.Mutation;
import dev.tidings.client.WriteInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;

/** Changes of the store, one by one and several at once. What reads it is in ReadCommands. */
final class StoreCommands {
  private StoreCommands() {}

  /** A command that is one mutation: alone, or as part of a {@link WriteTogether}. */
  abstract static class Change implements ClientCommand {
    private final String done;

    @Mixin private final Names names = new Names();

    @Mixin private final Writing writing = new Writing();

    /**
     * @param done what has been done, for people
     */
    Change(String done) {
      this.done = done;
    }

    Names names() {
      return names;
    }

    /** May read values from files and standard input. */
    abstract Mutation mutation(Conversation conversation);

    /** May ask the replica. */
    List<Condition> conditions(Conversation conversation) {
      return List.of();
    }

    @Override
    public final void run(Conversation conversation) {
      Mutation mutation = mutation(conversation);
      writing.write(conversation, List.of(mutation), conditions(conversation), done);
    }
  }

  @Command(
      description = "Write a value.",
      footer = {
        "",
        "A condition is decided by the replica that is asked; another one may accept another write at the",
        "same time. If it does not hold, nothing is written, and the exit code is 5.",
        "",
        "For example:",
        "  put color blue",
        "  put photo --file ring.jpg                  the bytes of a file",
        "  put photo - < ring.jpg                     of standard input",
        "  put lock alice --if-absent",
        "  put color red --if-version 5@1             only in the place of that version",
        "  put --multi wish ring                      a multi-value register: concurrent puts are all kept",
        "  put city Paris --map alice                 field city of map alice"
      })
  static final class Put extends Change {
    @Parameters(index = "0", paramLabel = "K", description = "The key.")
    private String key = "";

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "V",
        description = "The value; - for standard input.")
    private @Nullable String value;

    @Option(names = "--file", paramLabel = "FILE", description = "Take the value from there.")
    private @Nullable Path file;

    @Option(names = "--multi", description = "Of a multi-value register.")
    private boolean multi;

    @Mixin private final Expected expected = new Expected();

    Put() {
      super("written");
    }

    @Override
    Mutation mutation(Conversation conversation) {
      expected.check(multi);
      Bytes name = Names.of(key);
      Bytes bytes = conversation.input().value(value, file);
      return names().in(multi ? new Mutation.MultiPut(name, bytes) : new Mutation.Put(name, bytes));
    }

    @Override
    List<Condition> conditions(Conversation conversation) {
      return expected.conditions(conversation, names(), Names.of(key));
    }
  }

  @Command(
      description = "Make a value absent, or delete an object of another type.",
      footer = {
        "",
        "What is deleted is what the replica shows; what is done elsewhere at the same time stays.",
        "",
        "For example:",
        "  delete color",
        "  delete color --if-version 5@1",
        "  delete --counter likes",
        "  delete --set guests                        as: remove guests --all",
        "  delete city --map alice                    field city of map alice",
        "  delete --map alice                         all of map alice but its feeds"
      })
  static final class Delete extends Change {
    @Parameters(
        arity = "0..1",
        paramLabel = "K",
        description = "The key. With --map and without a key, the whole map is deleted.")
    private @Nullable String key;

    @Mixin private final Type type = new Type();

    @Option(
        names = "--if-version",
        paramLabel = "V",
        description = "Only if its version is V, such as 5@1.")
    private @Nullable String ifVersion;

    /** At most one of them; otherwise it is a register. */
    private static final class Type {
      @Option(names = "--multi", description = "A multi-value register.")
      private boolean multi;

      @Option(names = "--counter", description = "A counter.")
      private boolean counter;

      @Option(names = "--set", description = "A set.")
      private boolean set;

      boolean isGiven() {
        return multi || counter || set;
      }

      boolean isAmbiguous() {
        return multi ? counter || set : counter && set;
      }
    }

    Delete() {
      super("deleted");
    }

    @Override
    Mutation mutation(Conversation conversation) {
      if (type.isAmbiguous()) {
        throw CommandFailure.usage("a key is of one type: --multi, --counter or --set");
      }
      if (type.isGiven() && ifVersion != null) {
        throw CommandFailure.usage("--if-version is of registers only");
      }
      if (key == null) {
        return map();
      }
      Bytes name = Names.of(key);
      Mutation.Simple change;
      if (type.multi) {
        change = new Mutation.MultiDelete(name);
      } else if (type.counter) {
        change = new Mutation.DeleteCounter(name);
      } else if (type.set) {
        change = new Mutation.RemoveAll(name);
      } else {
        change = new Mutation.Delete(name);
      }
      return names().in(change);
    }

    private Mutation map() {
      @Nullable Bytes map = names().map();
      if (map == null) {
        throw CommandFailure.usage("delete what? Say delete K, or delete --map M for a whole map");
      }
      if (type.isGiven() || ifVersion != null) {
        throw CommandFailure.usage("which field of the map? Say delete K --map M");
      }
      return new Mutation.DeleteMap(map);
    }

    @Override
    List<Condition> conditions(Conversation conversation) {
      return key == null || ifVersion == null
          ? List.of()
          : List.of(Versions.condition(conversation, names(), Names.of(key), ifVersion));
    }
  }

  /** What the register has to be. */
  private static final class Expected {
    @Option(names = "--if-absent", description = "Only if it has no value.")
    private boolean absent;

    @Option(
        names = "--if-version",
        paramLabel = "V",
        description = "Only if its version is V, such as 5@1.")
    private @Nullable String version;

    void check(boolean multi) {
      if (absent && version != null) {
        throw CommandFailure.usage(
            "--if-absent and --if-version exclude each other: what has a version is not absent");
      }
      if (multi && (absent || version != null)) {
        throw CommandFailure.usage("--if-absent and --if-version are of registers, not of --multi");
      }
    }

    List<Condition> conditions(Conversation conversation, Names names, Bytes key) {
      if (version != null) {
        return List.of(Versions.condition(conversation, names, key, version));
      }
      return absent ? List.of(new Condition(names.map(), key, null)) : List.of();
    }
  }

  @Command(
      description = "Add to a counter.",
      footer = {
        "",
        "For example:",
        "  incr likes",
        "  incr stock -3",
        "  incr visits --map alice                    field visits of map alice"
      })
  static final class Increment extends Change {
    @Parameters(index = "0", paramLabel = "COUNTER", description = "Its name.")
    private String counter = "";

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "BY",
        defaultValue = "1",
        description = "A whole number, negative too. Default: ${DEFAULT-VALUE}.")
    private String by = "1";

    Increment() {
      super("incremented");
    }

    @Override
    Mutation mutation(Conversation conversation) {
      return names().in(new Mutation.Increment(Names.of(counter), number()));
    }

    private long number() {
      if (!by.matches("[+-]?\\d+")) {
        throw CommandFailure.usage("\"" + by + "\" is not a whole number");
      }
      try {
        return Long.parseLong(by);
      } catch (NumberFormatException e) {
        throw CommandFailure.usage(
            "%s is beyond 64 bits: whole numbers go from %d to %d"
                .formatted(by, Long.MIN_VALUE, Long.MAX_VALUE));
      }
    }
  }

  @Command(
      description = "Add an entry to a feed.",
      footer = {
        "",
        "For example:",
        "  append news \"The ring is found.\"",
        "  append news --file report.txt",
        "  append notes hello --map alice             feed notes of map alice"
      })
  static final class Append extends Change {
    @Parameters(index = "0", paramLabel = "FEED", description = "Its name.")
    private String feed = "";

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "V",
        description = "The entry; - for standard input.")
    private @Nullable String value;

    @Option(names = "--file", paramLabel = "FILE", description = "Take the entry from there.")
    private @Nullable Path file;

    Append() {
      super("appended");
    }

    @Override
    Mutation mutation(Conversation conversation) {
      Bytes name = Names.of(feed);
      return names().in(new Mutation.Append(name, conversation.input().value(value, file)));
    }
  }

  /** Some elements of a set. */
  private static final class Elements {
    @Parameters(index = "0", paramLabel = "SET", description = "Its name.")
    private String set = "";

    @Parameters(
        index = "1..*",
        arity = "0..*",
        paramLabel = "E",
        description = "Elements; - alone for the lines of standard input.")
    private List<String> elements = List.of();

    @Option(
        names = "--file",
        paramLabel = "FILE",
        description = "Take the elements from there, one a line.")
    private @Nullable Path file;

    Bytes set() {
      return Names.of(set);
    }

    boolean areGiven() {
      return !elements.isEmpty() || file != null;
    }

    /** May read files and standard input. */
    List<Bytes> read(Conversation conversation) {
      return conversation.input().elements(elements, file);
    }
  }

  @Command(
      description = "Add elements to a set.",
      footer = {
        "",
        "An add wins over a removal at the same time.",
        "",
        "For example:",
        "  add guests alice bob",
        "  add guests - < names.txt                   one a line",
        "  add colors blue --map alice                set colors of map alice"
      })
  static final class Add extends Change {
    @Mixin private final Elements elements = new Elements();

    Add() {
      super("added");
    }

    @Override
    Mutation mutation(Conversation conversation) {
      return names().in(new Mutation.Add(elements.set(), elements.read(conversation)));
    }
  }

  @Command(
      description = "Take elements out of a set.",
      footer = {
        "",
        "Taken out is what the replica shows; who adds an element at the same time keeps it in.",
        "",
        "For example:",
        "  remove guests bob",
        "  remove guests --all",
        "  remove guests - < names.txt                one a line"
      })
  static final class Remove extends Change {
    @Mixin private final Elements elements = new Elements();

    @Option(names = "--all", description = "All elements.")
    private boolean all;

    Remove() {
      super("removed");
    }

    @Override
    Mutation mutation(Conversation conversation) {
      if (!all) {
        return names().in(new Mutation.Remove(elements.set(), elements.read(conversation)));
      }
      if (elements.areGiven()) {
        throw CommandFailure.usage("a removal names elements, or is of --all, and not both");
      }
      return names().in(new Mutation.RemoveAll(elements.set()));
    }
  }

  @Command(
      description = "Make several changes at once: all become visible together, everywhere.",
      footer = {
        "",
        "A change is typed as it would be alone: put, delete, incr, append, add or remove. A comma that",
        "stands for itself divides changes. Options of the whole stand before the first change. If one",
        "change is refused, or one condition does not hold, nothing is written.",
        "",
        "For example:",
        "  write put color blue , incr changes , add colors blue",
        "  write --acks 2 put lock alice --if-absent , append log \"alice has the lock\"",
        "  write incr balance -5 --map alice , incr balance 5 --map bob"
      })
  static final class WriteTogether implements ClientCommand {
    static final String NAME = "write";
    private static final String AND = ",";

    @Mixin private final Writing writing = new Writing();

    @Parameters(
        arity = "1..*",
        paramLabel = "CHANGE [, CHANGE]…",
        hideParamSyntax = true,
        description = "What to change.")
    private List<String> words = List.of();

    @Override
    public void run(Conversation conversation) {
      var mutations = new ArrayList<Mutation>();
      var conditions = new ArrayList<Condition>();
      List<List<String>> changes = cut();
      for (int i = 0; i < changes.size(); i++) {
        List<String> typed = changes.get(i);
        if (typed.isEmpty()) {
          throw CommandFailure.usage(
              "change %d is missing: write CHANGE , CHANGE …".formatted(i + 1));
        }
        try {
          Change change = parse(typed);
          mutations.add(change.mutation(conversation));
          conditions.addAll(change.conditions(conversation));
        } catch (CommandFailure e) {
          throw e.of("change %d (%s)".formatted(i + 1, typed.get(0)));
        }
      }
      writing.write(conversation, mutations, conditions, "written");
    }

    private List<List<String>> cut() {
      var changes = new ArrayList<List<String>>();
      changes.add(new ArrayList<>());
      for (String word : words) {
        if (word.equals(AND)) {
          changes.add(new ArrayList<>());
        } else {
          changes.get(changes.size() - 1).add(word);
        }
      }
      return changes;
    }

    private static Change parse(List<String> typed) {
      CommandLine commandLine = new CommandLine(new Changes());
      changes().forEach((name, change) -> commandLine.addSubcommand(name, change.get()));
      for (CommandLine each : commandLine.getSubcommands().values()) {
        Writing.dropOptions(each.getCommandSpec());
      }
      Commands.takeNumbers(commandLine);
      ParseResult result = Commands.parse(commandLine, typed);
      if (Commands.innermost(result).getCommand() instanceof Change change) {
        return change;
      }
      throw CommandFailure.usage("there is no command \"" + typed.get(0) + "\"");
    }

    @Command(name = "")
    private static final class Changes {}
  }

  /** By their names; new ones, since each is parsed into once. */
  static Map<String, Supplier<Change>> changes() {
    var changes = new LinkedHashMap<String, Supplier<Change>>();
    changes.put("put", Put::new);
    changes.put("delete", Delete::new);
    changes.put("incr", Increment::new);
    changes.put("append", Append::new);
    changes.put("add", Add::new);
    changes.put("remove", Remove::new);
    return changes;
  }

  static String words(WriteInfo write) {
    return "version %s, position %s".formatted(write.version(), write.position());
  }
}
