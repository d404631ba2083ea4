package dev.tidings.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tidings.torture.Link.Mood;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A link between a socket and one that accepts, for real. */
final class LinkIT {
  private static final int LONG_MILLIS = 30_000;
  private static final int SHORT_MILLIS = 300;

  private ServerSocket target = unbound();
  private Socket sender = new Socket();
  private Socket receiver = new Socket();

  private static ServerSocket unbound() {
    try {
      return new ServerSocket();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void listen() throws IOException {
    target = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    target.setSoTimeout(LONG_MILLIS);
  }

  @AfterEach
  void close() throws IOException {
    sender.close();
    receiver.close();
    target.close();
  }

  private void connect(Link link) throws IOException {
    sender = new Socket(InetAddress.getLoopbackAddress(), link.port());
    receiver = target.accept();
  }

  private static int next(Socket socket, int waitMillis) throws IOException {
    socket.setSoTimeout(waitMillis);
    return socket.getInputStream().read();
  }

  private static void assertSilent(Socket socket) {
    assertThrows(SocketTimeoutException.class, () -> next(socket, SHORT_MILLIS));
  }

  /** It ends, by a reset or in good order. */
  private static void assertEnds(Socket socket) {
    int read;
    try {
      read = next(socket, LONG_MILLIS);
    } catch (SocketTimeoutException e) {
      throw new AssertionError("it did not end", e);
    } catch (IOException e) {
      return;
    }
    assertEquals(-1, read);
  }

  @Test
  void an_open_link_passes_what_is_sent_both_ways() throws IOException {
    try (var link = new Link("1>2", target.getLocalPort())) {
      connect(link);
      sender.getOutputStream().write(1);
      assertEquals(1, next(receiver, LONG_MILLIS));
      receiver.getOutputStream().write(2);
      assertEquals(2, next(sender, LONG_MILLIS));
      sender.close();
      assertEnds(receiver);
    }
  }

  @Test
  void a_cut_link_resets_connections_and_new_ones_until_it_is_healed() throws IOException {
    try (var link = new Link("1>2", target.getLocalPort())) {
      connect(link);
      link.set(Mood.CUT);
      assertEnds(sender);
      assertEnds(receiver);
      try (var again = new Socket(InetAddress.getLoopbackAddress(), link.port())) {
        assertEnds(again);
      }
      link.set(Mood.OPEN);
      connect(link);
      sender.getOutputStream().write(1);
      assertEquals(1, next(receiver, LONG_MILLIS));
    }
  }

  @Test
  void a_half_open_link_swallows_one_way_and_passes_the_other() throws IOException {
    try (var link = new Link("1>2", target.getLocalPort())) {
      connect(link);
      link.set(Mood.SWALLOWS_THERE);
      sender.getOutputStream().write(1);
      assertSilent(receiver);
      receiver.getOutputStream().write(2);
      assertEquals(2, next(sender, LONG_MILLIS));
    }
  }

  @Test
  void who_has_lost_bytes_never_gets_the_rest() throws IOException {
    try (var link = new Link("1>2", target.getLocalPort())) {
      connect(link);
      link.set(Mood.SWALLOWS_BACK);
      receiver.getOutputStream().write(1);
      assertSilent(sender);
      link.set(Mood.OPEN);
      assertEnds(sender);
      assertEnds(receiver);
    }
  }

  @Test
  void a_hanging_link_accepts_and_passes_on_what_came_once_it_is_healed() throws IOException {
    try (var link = new Link("1>2", target.getLocalPort())) {
      link.set(Mood.HANGING);
      sender = new Socket(InetAddress.getLoopbackAddress(), link.port());
      sender.getOutputStream().write(1);
      assertSilent(sender);
      link.set(Mood.OPEN);
      receiver = target.accept();
      assertEquals(1, next(receiver, LONG_MILLIS));
    }
  }

  @Test
  void a_slow_link_passes_everything_in_order() throws IOException {
    try (var link = new Link("1>2", target.getLocalPort())) {
      connect(link);
      link.set(Mood.SLOW);
      byte[] many = new byte[2_000];
      for (int i = 0; i < many.length; i++) {
        many[i] = (byte) (i % 100);
      }
      sender.getOutputStream().write(many);
      for (byte each : many) {
        assertEquals(each, next(receiver, LONG_MILLIS));
      }
    }
  }
}
