package dev.tidings.bench.contestants;

import dev.tidings.bench.servers.ServerProcess;
import java.util.List;
import java.util.Optional;

/** Something that carries messages between hosts. */
public interface Exchange extends AutoCloseable {
  String name();

  List<ServerProcess> servers();

  /**
   * Hosts, connected, each of which is a client: its request is a frame of messages, which is
   * answered when all of them have arrived at all recipients.
   *
   * @param broadcast whether a message goes to all other hosts, or to one of them
   * @param batch how many messages a frame has
   * @return empty where the system has no such thing
   */
  Optional<Store.Clients> hosts(int hosts, boolean broadcast, int batch)
      throws InterruptedException;

  @Override
  void close();
}
