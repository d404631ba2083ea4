package dev.tidings.client.cli;

import dev.tidings.client.Bytes;
import dev.tidings.client.Durability;
import dev.tidings.client.DurableWrite;
import dev.tidings.client.Mutation;
import dev.tidings.client.Value;
import dev.tidings.client.WriteInfo;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Registers: put, get, delete. */
final class StoreCommands {
  private StoreCommands() {}

  @Command(name = "put", description = "Write a value.")
  static final class Put implements ClientCommand {
    @Parameters(paramLabel = "K", description = "The key.")
    private String key = "";

    @Parameters(paramLabel = "V", description = "The value.")
    private String value = "";

    @Option(
        names = "--acks",
        paramLabel = "N",
        defaultValue = "1",
        description = "Wait until N replicas hold it durably. Default: ${DEFAULT-VALUE}.")
    private int acks = 1;

    @Option(
        names = "--acks-wait",
        converter = Durations.class,
        paramLabel = "DURATION",
        defaultValue = "5s",
        description =
            "For how long; then the write stands all the same. Default: ${DEFAULT-VALUE}.")
    private Duration acksWait = Duration.ofSeconds(5);

    @Override
    public void run(Conversation conversation) {
      DurableWrite written =
          conversation
              .session()
              .write(List.of(new Mutation.Put(Bytes.of(key), Bytes.of(value))), durability());
      conversation.out().println("written: " + words(written.write()));
      if (written.durableOn() < acks) {
        throw CommandFailure.refused(
            "only %d of %d replicas are known to hold it after %d ms; the write stands"
                .formatted(written.durableOn(), acks, acksWait.toMillis()));
      }
    }

    private Durability durability() {
      try {
        return new Durability(acks, acksWait);
      } catch (IllegalArgumentException e) {
        throw CommandFailure.usage(String.valueOf(e.getMessage()));
      }
    }
  }

  @Command(name = "get", description = "Read a value.")
  static final class Get implements ClientCommand {
    @Parameters(paramLabel = "K", description = "The key.")
    private String key = "";

    @Override
    public void run(Conversation conversation) {
      Value value = conversation.session().get(Bytes.of(key));
      @Nullable Bytes bytes = value.bytes();
      @Nullable WriteInfo write = value.writtenBy();
      if (bytes != null) {
        conversation.out().println(Printable.of(bytes));
      } else if (write != null) {
        conversation.out().println("(absent: deleted by " + words(write) + ")");
      } else if (value.neverWritten()) {
        conversation.out().println("(absent: never written here)");
      } else {
        conversation.out().println("(absent: never written here, or deleted long ago)");
      }
    }
  }

  @Command(name = "delete", description = "Make a value absent.")
  static final class Delete implements ClientCommand {
    @Parameters(paramLabel = "K", description = "The key.")
    private String key = "";

    @Override
    public void run(Conversation conversation) {
      conversation.out().println("deleted: " + words(conversation.session().delete(Bytes.of(key))));
    }
  }

  static String words(WriteInfo write) {
    return "version %s, position %s".formatted(write.version(), write.position());
  }
}
