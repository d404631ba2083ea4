package dev.tidings.bench.contestants;

import dev.tidings.bench.load.Client;
import dev.tidings.bench.servers.Programs;
import dev.tidings.bench.servers.ServerProcess;
import dev.tidings.bench.servers.Workspace;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Redis, which syncs its file before it answers, by Lettuce. */
public final class RedisStore implements Store {
  private final ServerProcess server;
  private final int port;
  private final int keys;
  private final Values values;

  private RedisStore(ServerProcess server, int port, int keys, int valueBytes) {
    this.server = server;
    this.port = port;
    this.values = new Values(valueBytes);
    this.keys = keys;
  }

  /** Empty where it is not installed. */
  public static Optional<Store> start(Workspace workspace, int keys, int valueBytes)
      throws IOException, InterruptedException {
    Optional<Path> program = Programs.find("redis-server");
    if (program.isEmpty()) {
      return Optional.empty();
    }
    int port = Workspace.freePorts(1).get(0);
    Path data = workspace.newDirectory("redis");
    ServerProcess server =
        workspace.start(
            "Redis",
            data,
            port,
            List.of(
                program.get().toString(),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                data.toString(),
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
                "--save",
                ""));
    return Optional.of(new RedisStore(server, port, keys, valueBytes));
  }

  @Override
  public String name() {
    return "Redis";
  }

  @Override
  public List<ServerProcess> servers() {
    return List.of(server);
  }

  @Override
  public Optional<Clients> clients(Load load) {
    if (load.depth() > 1 && load.connections() < load.clients()) {
      // A batch is a connection's in Lettuce, and not a client's.
      return Optional.empty();
    }
    return Optional.of(new Connections(load));
  }

  @Override
  public void close() {
    server.close();
  }

  private final class Connections implements Clients {
    private final RedisClient redis = RedisClient.create(RedisURI.create("127.0.0.1", port));
    private final List<Client> clients = new ArrayList<>();

    Connections(Load load) {
      List<StatefulRedisConnection<byte[], byte[]>> connections = new ArrayList<>();
      for (int i = 0; i < load.connections(); i++) {
        StatefulRedisConnection<byte[], byte[]> connection = redis.connect(ByteArrayCodec.INSTANCE);
        connection.setAutoFlushCommands(load.depth() == 1);
        connections.add(connection);
      }
      for (int i = 0; i < load.clients(); i++) {
        clients.add(new Batches(connections.get(i % connections.size()), i, load));
      }
    }

    @Override
    public List<Client> all() {
      return clients;
    }

    @Override
    public void close() {
      redis.shutdown(0, 5, TimeUnit.SECONDS);
    }
  }

  /** Sends as many commands at once as the load is deep. */
  private final class Batches implements Client {
    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final RedisAsyncCommands<byte[], byte[]> commands;
    private final Keys chosen;
    private final Load load;

    Batches(StatefulRedisConnection<byte[], byte[]> connection, int number, Load load) {
      this.connection = connection;
      this.commands = connection.async();
      this.chosen = new Keys(keys, number, load.clients());
      this.load = load;
    }

    @Override
    public void start(Answer answer) {
      var missing = new AtomicInteger(load.depth());
      for (int i = 0; i < load.depth(); i++) {
        byte[] key = Keys.name(chosen.next());
        CompletionStage<?> command =
            load.isWrite() ? commands.set(key, values.nextBytes()) : commands.get(key);
        command.whenComplete(
            (result, failure) -> {
              if (failure != null) {
                answer.failed(failure);
              } else if (missing.decrementAndGet() == 0) {
                answer.arrived();
              }
            });
      }
      if (load.depth() > 1) {
        connection.flushCommands();
      }
    }
  }
}
