package dev.tidings.bench.contestants;

import dev.tidings.bench.load.Client;
import dev.tidings.bench.servers.ServerProcess;
import dev.tidings.bench.servers.Workspace;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * NATS JetStream, file storage, one subject for each key of which the last message is kept, by
 * jnats. Up to 2.9 it answers without a sync, and cannot be told otherwise; so it is no match for
 * durable writes.
 */
public final class JetStreamStore implements Store {
  public static final String NAME = "NATS JetStream (does not sync)";
  private static final String SUBJECTS = "store.";

  private final NatsProcess nats;
  private final int keys;
  private final Values values;

  private JetStreamStore(NatsProcess nats, int keys, int valueBytes) {
    this.nats = nats;
    this.keys = keys;
    this.values = new Values(valueBytes);
  }

  /** Empty where it is not installed. */
  public static Optional<Store> start(Workspace workspace, int keys, int valueBytes)
      throws IOException, InterruptedException {
    Optional<NatsProcess> nats = NatsProcess.start(workspace, true);
    if (nats.isEmpty()) {
      return Optional.empty();
    }
    Connection connection = nats.get().connect(true);
    try {
      connection
          .jetStreamManagement()
          .addStream(
              StreamConfiguration.builder()
                  .name("bench")
                  .subjects(SUBJECTS + ">")
                  .storageType(StorageType.File)
                  .maxMessagesPerSubject(1)
                  .build());
    } catch (JetStreamApiException e) {
      throw new IOException("JetStream does not make a stream: " + e.getMessage(), e);
    } finally {
      connection.close();
    }
    return Optional.of(new JetStreamStore(nats.get(), keys, valueBytes));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<ServerProcess> servers() {
    return List.of(nats.server());
  }

  @Override
  public Optional<Clients> clients(Load load) {
    if (!load.isWrite() || load.stream() || load.depth() > 1 || load.connections() > 1) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Publishers(load));
    } catch (IOException e) {
      throw new IllegalStateException("cannot connect to JetStream: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    nats.server().close();
  }

  private final class Publishers implements Clients {
    private final Connection connection;
    private final List<Client> clients = new ArrayList<>();

    Publishers(Load load) throws IOException, InterruptedException {
      connection = nats.connect(true);
      JetStream stream = connection.jetStream();
      for (int i = 0; i < load.clients(); i++) {
        var chosen = new Keys(keys, i, load.clients());
        clients.add(answer -> publish(stream, chosen, answer));
      }
    }

    private void publish(JetStream stream, Keys chosen, Client.Answer answer) {
      String subject = SUBJECTS + new String(Keys.name(chosen.next()), StandardCharsets.US_ASCII);
      CompletionStage<?> published = stream.publishAsync(subject, values.nextBytes());
      published.whenComplete(
          (acknowledgement, failure) -> {
            if (failure == null) {
              answer.arrived();
            } else {
              answer.failed(failure);
            }
          });
    }

    @Override
    public List<Client> all() {
      return clients;
    }

    @Override
    public void close() {
      try {
        connection.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
