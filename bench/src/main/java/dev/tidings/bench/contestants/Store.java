package dev.tidings.bench.contestants;

import dev.tidings.bench.load.Client;
import dev.tidings.bench.servers.ServerProcess;
import java.util.List;
import java.util.Optional;

/** A store that takes part: one server process, or several, and clients that know how to ask it. */
public interface Store extends AutoCloseable {
  String name();

  /** Those whose processor time counts. */
  List<ServerProcess> servers();

  /**
   * New clients, connected.
   *
   * @return empty where the system or its client library has no such thing
   */
  Optional<Clients> clients(Load load);

  @Override
  void close();

  /** Clients and their connections, which end together. */
  interface Clients extends AutoCloseable {
    List<Client> all();

    @Override
    void close();
  }
}
