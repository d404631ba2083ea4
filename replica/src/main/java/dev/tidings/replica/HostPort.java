package dev.tidings.replica;

import java.net.InetSocketAddress;

/** Where a server listens or is reached, written {@code HOST:PORT}. */
public record HostPort(String host, int port) {
  public HostPort {
    if (host.isEmpty() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("an address is HOST:PORT, such as 127.0.0.1:8000");
    }
  }

  /**
   * @throws IllegalArgumentException if the text is not HOST:PORT
   */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    try {
      return new HostPort(
          text.substring(0, Math.max(0, colon)), Integer.parseInt(text.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "an address is HOST:PORT, such as 127.0.0.1:8000, not \"%s\"".formatted(text), e);
    }
  }

  InetSocketAddress toSocketAddress() {
    return new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
