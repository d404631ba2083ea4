package dev.tidings.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.tidings.client.Bytes;
import dev.tidings.client.Tidings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand connect and say nothing more: others are served, and the silent ones dropped. */
final class IdleConnectionsIT {
  private static final int CONNECTIONS = 10_000;

  /** What both processes need besides. */
  private static final int OTHER_FILES = 1_000;

  private static final long MAX_GROWTH_BYTES = 512L << 20;

  /** A client's preface with empty settings (RFC 9113, 3.4). */
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path directory = Path.of("set by JUnit");
  private List<ReplicaProcess> replicas = List.of();

  @AfterEach
  void destroy() {
    replicas.forEach(ReplicaProcess::destroy);
  }

  @Test
  void ten_thousand_idle_connections_disturb_nobody_and_are_dropped() throws IOException {
    assumeTrue(
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
            && system.getMaxFileDescriptorCount() >= CONNECTIONS + OTHER_FILES,
        "this process, and one it starts, may not open so many files");
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "memory is looked up in /proc");
    replicas = ReplicaProcess.cluster(1, directory, List.of());
    ReplicaProcess replica = replicas.get(0);
    replica.awaitReady();
    long before = replica.residentBytes();
    try (Selector selector = Selector.open()) {
      try {
        for (int i = 0; i < CONNECTIONS; i++) {
          connect(selector, replica.clientPort(), i % 2 == 0);
        }
        assertServed(replica);
        long growth = replica.residentBytes() - before;
        assertTrue(growth < MAX_GROWTH_BYTES, () -> "memory grew by " + growth + " bytes");
        // Ten seconds for who has not spoken, thirty for who does not answer a ping.
        assertEquals(CONNECTIONS, dropped(selector, Duration.ofMinutes(2)));
        assertServed(replica);
      } finally {
        for (SelectionKey key : List.copyOf(selector.keys())) {
          key.channel().close();
        }
      }
    }
  }

  private static void connect(Selector selector, int port, boolean speaks) throws IOException {
    SocketChannel socket =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    if (speaks) {
      socket.write(ByteBuffer.wrap(PREFACE));
    }
    socket.configureBlocking(false);
    socket.register(selector, SelectionKey.OP_READ);
  }

  private static void assertServed(ReplicaProcess replica) {
    try (Tidings tidings = Tidings.connect(replica.address(), Duration.ofSeconds(30))) {
      var session = tidings.session();
      session.put(Bytes.of("k"), Bytes.of("v"));
      assertEquals(Bytes.of("v"), session.get(Bytes.of("k")).bytes());
    }
  }

  /** How many connections the replica has closed, once it is all of them or time is up. */
  private static int dropped(Selector selector, Duration atMost) throws IOException {
    long end = System.nanoTime() + atMost.toNanos();
    var buffer = ByteBuffer.allocate(1 << 10);
    int closed = 0;
    while (closed < CONNECTIONS && System.nanoTime() < end) {
      selector.select(1_000);
      for (SelectionKey key : selector.selectedKeys()) {
        if (hasEnded((SocketChannel) key.channel(), buffer.clear())) {
          key.channel().close();
          closed++;
        }
      }
      selector.selectedKeys().clear();
    }
    return closed;
  }

  private static boolean hasEnded(SocketChannel socket, ByteBuffer buffer) {
    try {
      return socket.read(buffer) < 0;
    } catch (IOException e) {
      // Reset.
      return true;
    }
  }
}
