package dev.tidings.client.cli;

import dev.tidings.client.Bytes;
import dev.tidings.client.Value;
import dev.tidings.client.WriteInfo;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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

    @Override
    public void run(Conversation conversation) {
      WriteInfo write = conversation.session().put(Bytes.of(key), Bytes.of(value));
      conversation.out().println("written: " + words(write));
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
      } else {
        conversation.out().println("(absent: never written here)");
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
