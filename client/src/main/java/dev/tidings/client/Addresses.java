package dev.tidings.client;

/** Where a replica listens, as people write it: HOST:PORT. */
final class Addresses {
  private Addresses() {}

  /**
   * @throws IllegalArgumentException unless it is HOST:PORT with a port from 1 to 65535
   */
  static void check(String address) {
    if (host(address).isEmpty() || address.chars().anyMatch(c -> c <= ' ')) {
      throw notAnAddress(address);
    }
    port(address);
  }

  /** Without the brackets of an IPv6 address. */
  static String host(String address) {
    int colon = address.lastIndexOf(':');
    if (colon < 0) {
      throw notAnAddress(address);
    }
    String host = address.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      return host.substring(1, host.length() - 1);
    }
    if (host.contains(":")) {
      throw notAnAddress(address);
    }
    return host;
  }

  static int port(String address) {
    try {
      int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
      if (port >= 1 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below, as for any other port that is none.
    }
    throw notAnAddress(address);
  }

  private static IllegalArgumentException notAnAddress(String address) {
    return new IllegalArgumentException(
        "\"" + address + "\" is not an address: HOST:PORT with a port from 1 to 65535");
  }
}
