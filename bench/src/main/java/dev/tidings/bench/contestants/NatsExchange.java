package dev.tidings.bench.contestants;

import dev.tidings.bench.load.Client;
import dev.tidings.bench.servers.ServerProcess;
import dev.tidings.bench.servers.Workspace;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * NATS core, by jnats: a subject for each host, and one for all. The sender's number is the first
 * of the payload's bytes.
 */
public final class NatsExchange implements Exchange {
  private static final String ALL = "all";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final NatsProcess nats;

  private NatsExchange(NatsProcess nats) {
    this.nats = nats;
  }

  /** Empty where it is not installed. */
  public static Optional<Exchange> start(Workspace workspace)
      throws IOException, InterruptedException {
    return NatsProcess.start(workspace, false).map(NatsExchange::new);
  }

  @Override
  public String name() {
    return "NATS";
  }

  @Override
  public List<ServerProcess> servers() {
    return List.of(nats.server());
  }

  @Override
  public Optional<Store.Clients> hosts(int hosts, boolean broadcast, int batch)
      throws InterruptedException {
    return Optional.of(new Hosts(hosts, broadcast, batch));
  }

  @Override
  public void close() {
    nats.server().close();
  }

  private final class Hosts implements Store.Clients {
    private final List<Connection> connections = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final List<Arrivals> arrivals = new ArrayList<>();

    Hosts(int hosts, boolean broadcast, int batch) throws InterruptedException {
      int count = Math.min(hosts, RouterExchange.MOST_CONNECTIONS);
      // Where hosts share a connection, all of them get what one publishes, itself too.
      boolean isShared = hosts > count;
      for (int i = 0; i < hosts; i++) {
        arrivals.add(new Arrivals());
      }
      List<Dispatcher> dispatchers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Connection connection = nats.connect(isShared || !broadcast);
        connections.add(connection);
        dispatchers.add(
            connection.createDispatcher(
                message -> arrivals.get(sender(message.getData())).arrived(1)));
      }
      for (int i = 0; i < hosts; i++) {
        String subject = broadcast ? ALL : "host." + i;
        if (broadcast) {
          // A dispatcher has one subscription of a subject; others of the same connection need
          // their own.
          dispatchers.get(i % count).subscribe(subject, message -> onMessage(message.getData()));
        } else {
          dispatchers.get(i % count).subscribe(subject);
        }
      }
      flush();
      long copies = isShared ? hosts : hosts - 1L;
      for (int i = 0; i < hosts; i++) {
        clients.add(
            new Host(
                connections.get(i % count),
                arrivals.get(i),
                payload(i),
                broadcast ? List.of(ALL) : others(hosts),
                i,
                batch,
                broadcast ? batch * copies : batch));
      }
    }

    private void onMessage(byte[] payload) {
      arrivals.get(sender(payload)).arrived(1);
    }

    private void flush() throws InterruptedException {
      for (Connection connection : connections) {
        try {
          connection.flush(PATIENCE);
        } catch (TimeoutException e) {
          throw new IllegalStateException("NATS does not answer", e);
        }
      }
    }

    @Override
    public List<Client> all() {
      return clients;
    }

    @Override
    public void close() {
      for (Connection connection : connections) {
        try {
          connection.close();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private static List<String> others(int hosts) {
    List<String> subjects = new ArrayList<>();
    for (int i = 0; i < hosts; i++) {
      subjects.add("host." + i);
    }
    return subjects;
  }

  /** As large as our message, all of it. */
  private static byte[] payload(int host) {
    byte[] payload = new byte[RouterExchange.message().getSerializedSize()];
    payload[0] = (byte) (host >> 8);
    payload[1] = (byte) host;
    return payload;
  }

  private static int sender(byte[] payload) {
    return (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
  }

  private static final class Host implements Client {
    private final Connection connection;
    private final Arrivals mine;
    private final byte[] payload;
    private final List<String> subjects;
    private final int self;
    private final int batch;
    private final long expected;
    private int next;

    Host(
        Connection connection,
        Arrivals mine,
        byte[] payload,
        List<String> subjects,
        int self,
        int batch,
        long expected) {
      this.connection = connection;
      this.mine = mine;
      this.payload = payload;
      this.subjects = subjects;
      this.self = self;
      this.batch = batch;
      this.expected = expected;
      this.next = self;
    }

    @Override
    public void start(Answer answer) {
      mine.expect(expected, answer);
      next = (next + 1) % subjects.size();
      if (next == self && subjects.size() > 1) {
        next = (next + 1) % subjects.size();
      }
      String subject = subjects.get(next);
      for (int i = 0; i < batch; i++) {
        connection.publish(subject, payload);
      }
    }
  }
}
