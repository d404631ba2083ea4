package dev.tidings.torture;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A TCP proxy between one replica and the peer port of another, which does what networks do. The
 * other direction of the cluster's traffic has a link of its own; on this one the receiver only
 * answers.
 *
 * <p>Each connection has two threads, which end with it. {@link #set} may be called from any.
 */
final class Link implements AutoCloseable {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int BUFFER_BYTES = 16 << 10;
  private static final int SLOW_BYTES = 512;
  private static final long SLOW_NANOS = 40_000_000;

  /** What the link does. */
  enum Mood {
    OPEN,
    /** Connections are reset, and so are new ones. */
    CUT,
    /** What the sender sends is swallowed. */
    SWALLOWS_THERE,
    /** What the receiver answers is swallowed. */
    SWALLOWS_BACK,
    /** At most 512 bytes every 40 ms each way. */
    SLOW,
    /** Connections are reset; new ones are accepted, and nothing passes. */
    HANGING
  }

  private final String name;
  private final int targetPort;
  private final ServerSocket server;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final Object moodChange = new Object();
  private volatile Mood mood = Mood.OPEN;
  private volatile boolean closed;

  /**
   * Begins to accept.
   *
   * @param name for its threads
   */
  Link(String name, int targetPort) throws IOException {
    this.name = name;
    this.targetPort = targetPort;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    thread("accept", this::accept);
  }

  /** Where the sender connects to. */
  int port() {
    return server.getLocalPort();
  }

  private void thread(String what, Runnable task) {
    var thread = new Thread(task, "link-" + name + "-" + what);
    thread.setDaemon(true);
    thread.start();
  }

  /** Takes effect at once, on what is under way too. */
  void set(Mood next) {
    synchronized (moodChange) {
      mood = next;
      moodChange.notifyAll();
    }
    for (Connection connection : connections) {
      // TCP does not lose bytes from the middle: who has lost some never gets the rest.
      if (next == Mood.CUT || next == Mood.HANGING || connection.hasLost) {
        connection.reset();
      }
    }
  }

  private void accept() {
    while (!closed) {
      Socket sender;
      try {
        sender = server.accept();
      } catch (IOException e) {
        continue;
      }
      var connection = new Connection(sender);
      connections.add(connection);
      if (closed || mood == Mood.CUT) {
        connection.reset();
      } else {
        thread("there", connection::run);
      }
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    server.close();
    set(Mood.CUT);
  }

  private final class Connection {
    private final Socket sender;
    private final Socket receiver = new Socket();
    private volatile boolean hasLost;

    Connection(Socket sender) {
      this.sender = sender;
    }

    void run() {
      try {
        awaitNotHanging();
        receiver.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort), CONNECT_MILLIS);
        thread("back", () -> pump(receiver, sender, Mood.SWALLOWS_BACK));
        pump(sender, receiver, Mood.SWALLOWS_THERE);
      } catch (IOException | InterruptedException e) {
        reset();
      }
    }

    private void awaitNotHanging() throws InterruptedException {
      synchronized (moodChange) {
        while (mood == Mood.HANGING) {
          moodChange.wait();
        }
      }
    }

    private void pump(Socket from, Socket to, Mood swallowing) {
      byte[] buffer = new byte[BUFFER_BYTES];
      boolean lost = false;
      try {
        InputStream in = from.getInputStream();
        while (true) {
          int read = in.read(buffer, 0, mood == Mood.SLOW ? SLOW_BYTES : BUFFER_BYTES);
          if (read < 0) {
            break;
          }
          if (mood == swallowing) {
            lost = true;
            hasLost = true;
          } else if (lost) {
            break;
          } else {
            if (mood == Mood.SLOW) {
              LockSupport.parkNanos(SLOW_NANOS);
            }
            to.getOutputStream().write(buffer, 0, read);
          }
        }
      } catch (IOException e) {
        // Either end has closed it.
      }
      reset();
    }

    void reset() {
      connections.remove(this);
      reset(sender);
      reset(receiver);
    }

    private static void reset(Socket socket) {
      try {
        if (!socket.isClosed()) {
          socket.setSoLinger(true, 0);
        }
        socket.close();
      } catch (IOException e) {
        // It is closed, by whomever.
      }
    }
  }
}
