package dev.tidings.client.cli;

import dev.tidings.client.SavedSession;
import dev.tidings.client.Session;
import dev.tidings.client.Tidings;
import dev.tidings.client.TidingsException;
import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** {@code bin/client}: parses the options, wires a conversation, and ends with its exit code. */
public final class ClientMain {
  /**
   * Kept here, since a logger that nobody holds forgets its level. gRPC's warnings are not for
   * people.
   */
  private static final Logger GRPC_LOG = Logger.getLogger("io.grpc");

  private final PlainConsole console;
  private final PrintWriter out;
  private final PrintWriter errors;
  private final InputStream in;
  private final boolean isTerminal;
  private final BiFunction<List<String>, Duration, Tidings> connector;

  ClientMain(
      InputStream in,
      OutputStream out,
      PrintWriter errors,
      boolean isTerminal,
      BiFunction<List<String>, Duration, Tidings> connector) {
    this.in = in;
    this.console = new PlainConsole(out);
    this.out = console.out();
    this.errors = errors;
    this.isTerminal = isTerminal;
    this.connector = connector;
  }

  public static void main(String[] arguments) {
    GRPC_LOG.setLevel(Level.OFF);
    Optional<List<String>> host = HostRole.arguments(List.of(arguments));
    if (host.isPresent()) {
      System.exit(HostRole.run(host.get()));
    }
    // As gRPC logs itself. Netty would take SLF4J, and start Logback for nothing that is ever told.
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    var transport = new Transport();
    int exitCode =
        new ClientMain(
                // A file's own way to read all would look where in the file it is; a pipe has no
                // such place.
                new BufferedInputStream(new FileInputStream(FileDescriptor.in)),
                new FileOutputStream(FileDescriptor.out),
                new PrintWriter(
                    new OutputStreamWriter(
                        new FileOutputStream(FileDescriptor.err), StandardCharsets.UTF_8),
                    true),
                isTerminal(),
                (replicas, deadline) -> Tidings.connect(replicas, deadline, transport::channel))
            .run(List.of(arguments));
    transport.end();
    System.exit(exitCode);
  }

  /** Whether a person sits at both ends. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    java.io.@Nullable Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // Since JDK 22 there is always a console, and this method to ask it.
      return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  /** Returns the exit code. */
  int run(List<String> arguments) {
    try {
      CommandLine command = parse(arguments);
      if (command.isUsageHelpRequested()) {
        command.usage(out);
        return ExitCode.OK;
      }
      if (command.getCommand() instanceof StandaloneCommand standalone) {
        return standalone.run(out, errors);
      }
      return converse(
          command.getCommandSpec().root().commandLine().<Options>getCommand(),
          command.getCommand());
    } catch (CommandFailure e) {
      errors.println(e.getMessage());
      if (e.exitCode() == ExitCode.USAGE) {
        errors.println("bin/client --help says what can be typed");
      }
      return e.exitCode();
    } catch (TidingsException e) {
      errors.println(e.getMessage());
      return ExitCode.of(e);
    } finally {
      out.flush();
      errors.flush();
    }
  }

  /**
   * The innermost command, with what was typed. First with those commands alone that a word could
   * name, since making the others would take longer than most commands do. Only they could make a
   * difference: where the help or a refusal lists them, and where they are completed.
   */
  private CommandLine parse(List<String> arguments) {
    try {
      CommandLine command = parse(arguments, arguments::contains);
      if (!command.isUsageHelpRequested() && !(command.getCommand() instanceof CompletionCommand)) {
        return command;
      }
    } catch (CommandFailure e) {
      // It may be another one beside all commands.
    }
    return parse(arguments, name -> true);
  }

  private CommandLine parse(List<String> arguments, Predicate<String> added) {
    var options = new Options();
    CommandLine commandLine = new CommandLine(options);
    // A value may begin with @.
    commandLine.setExpandAtFiles(false);
    var standalone = new LinkedHashMap<String, Supplier<StandaloneCommand>>();
    standalone.put("demo", DemoCommand::new);
    standalone.put("check", CheckCommand::new);
    standalone.put("convert", ConvertCommand::new);
    standalone.put("completion", CompletionCommand::new);
    standalone.put(
        "record",
        () ->
            new RecordCommand(
                replica -> connector.apply(List.of(replica), options.timeout), console));
    standalone.forEach(
        (name, command) -> {
          if (added.test(name)) {
            commandLine.addSubcommand(name, command.get());
          }
        });
    Commands.addTo(commandLine, added);
    Commands.dropConversationOptions(commandLine);
    // After the commands, which take the inherited options over.
    commandLine.registerConverter(Duration.class, new Durations());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    return Commands.innermost(Commands.parse(commandLine, arguments));
  }

  /**
   * @param command one command to run; anything else for a script or a terminal
   */
  private int converse(Options options, Object command) {
    try (@Nullable SessionFile file =
            options.sessionFile == null ? null : SessionFile.open(options.sessionFile);
        Tidings tidings = connect(options)) {
      Session session = session(options, tidings, file);
      if (command instanceof ClientCommand one) {
        Conversation conversation =
            options.conversation(tidings, session, console, new Input(in), file);
        conversation.run(one);
        return conversation.hasSaidAbsent() ? ExitCode.ABSENT : ExitCode.OK;
      }
      if (options.script == null && isTerminal) {
        return atTerminal(options, tidings, session, file);
      }
      var input = new Input(options.script == null ? null : in);
      var shell = new Shell(options.conversation(tidings, session, console, input, file));
      if (options.script == null) {
        var commands = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        return shell.runScript(commands, "standard input", errors);
      }
      try (BufferedReader script = Files.newBufferedReader(options.script)) {
        return shell.runScript(script, options.script.toString(), errors);
      } catch (IOException e) {
        throw CommandFailure.usage("script " + options.script + " cannot be read");
      }
    }
  }

  private static int atTerminal(
      Options options, Tidings tidings, Session session, @Nullable SessionFile file) {
    try (Terminal terminal = Terminal.open()) {
      Conversation conversation =
          options.conversation(tidings, session, terminal, new Input(null), file);
      terminal.run(new Shell(conversation), conversation);
      return ExitCode.OK;
    } catch (IOException e) {
      throw CommandFailure.refused("the terminal cannot be used: " + e.getMessage());
    }
  }

  private Tidings connect(Options options) {
    try {
      return connector.apply(options.replicas(), options.timeout);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage(String.valueOf(e.getMessage()));
    }
  }

  /** The one that was kept, if there is one, at the replica that was asked for, if one was. */
  private static Session session(Options options, Tidings tidings, @Nullable SessionFile file) {
    Optional<SavedSession> saved = file == null ? Optional.empty() : file.load();
    if (saved.isEmpty()) {
      return tidings.session();
    }
    Session session = tidings.session(saved.get());
    if (!options.replicas.isEmpty()) {
      session.moveTo(options.replicas.get(0));
    }
    return session;
  }

  @Command(
      name = "bin/client",
      description = "Reads and writes the store. Without a command: at a prompt, or from a pipe.",
      synopsisHeading = "Usage: ",
      footer = {
        "",
        "For example:",
        "  bin/client --role alice                          at a prompt",
        "  echo 'lost' | bin/client --role alice            from a pipe",
        "  bin/client --role bob --script bob.txt           from a file",
        "  bin/client --role bob glad --no-wait             one command",
        "  bin/client put color blue --session me.json      with a session kept in a file",
        "  bin/client get color --session me.json --replica 127.0.0.1:8002",
        "  bin/client incr likes                            and counter likes",
        "  bin/client add guests alice bob                  and members guests",
        "  bin/client write put color red , incr changes    several changes at once",
        "  bin/client put color red --replica 127.0.0.1:8000,127.0.0.1:8001",
        "  bin/client link 1-3 delay=20s                    change a simulated link",
        "",
        "Exit codes: 0 done, 1 refused or failed, 2 typed wrong, 4 there is no value, 5 a condition does",
        "not hold, 6 a write may have happened, 7 a moment is not kept."
      })
  private static final class Options {
    private static final String DEFAULT_REPLICA = "127.0.0.1:8000";

    @Option(
        names = "--role",
        paramLabel = "ROLE",
        completionCandidates = Role.Words.class,
        scope = ScopeType.INHERIT,
        description =
            "alice (home replica 127.0.0.1:8000) or bob (127.0.0.1:8001); host, of the drift experiment, has"
                + " options of its own: --role host --help.")
    private @Nullable String role;

    @Option(
        names = "--name",
        paramLabel = "NAME",
        scope = ScopeType.INHERIT,
        description = "Who speaks, for any other client. Default: Guest.")
    private @Nullable String name;

    @Option(
        names = "--replica",
        paramLabel = "HOST:PORT[,HOST:PORT...]",
        split = ",",
        scope = ScopeType.INHERIT,
        description =
            "The replica to use; and others of the cluster, at which requests go on when it does not"
                + " answer. Default: where the session was, the role's home, or "
                + DEFAULT_REPLICA
                + ".")
    private List<String> replicas = List.of();

    @Option(
        names = "--session",
        paramLabel = "FILE",
        scope = ScopeType.INHERIT,
        description = "Keep the session there between runs.")
    private @Nullable Path sessionFile;

    @Option(
        names = "--timeout",
        paramLabel = "DURATION",
        scope = ScopeType.INHERIT,
        description = "How long a request may take, such as 500ms or 1m. Default: 10s.")
    private Duration timeout = Tidings.DEFAULT_DEADLINE;

    @Option(
        names = "--script",
        paramLabel = "FILE",
        description = "Take commands from a file, up to the first error.")
    private @Nullable Path script;

    @Option(
        names = "--time-scale",
        paramLabel = "X",
        description = "How long a second of \"wait\" takes, in seconds. Default: 1.")
    private double timeScale = 1;

    @Option(
        names = "--no-wait",
        description = "\"found\" and \"glad\" refuse instead of waiting for what they need.")
    private boolean noWait;

    private Optional<Role> role() {
      if (role != null && name != null) {
        throw CommandFailure.usage("--role says who speaks, so --name has no place beside it");
      }
      return Optional.ofNullable(role).map(Role::of);
    }

    List<String> replicas() {
      return replicas.isEmpty()
          ? List.of(role().map(Role::home).orElse(DEFAULT_REPLICA))
          : replicas;
    }

    Conversation conversation(
        Tidings tidings,
        Session session,
        Console console,
        Input input,
        @Nullable SessionFile file) {
      var speaker =
          role()
              .map(role -> new Conversation.Speaker(role.speaker(), role.words()))
              .orElseGet(() -> new Conversation.Speaker(name == null ? "Guest" : name, Set.of()));
      return new Conversation(
          tidings,
          session,
          speaker,
          new Conversation.Manner(timeScale, noWait),
          console,
          input,
          file);
    }
  }
}
