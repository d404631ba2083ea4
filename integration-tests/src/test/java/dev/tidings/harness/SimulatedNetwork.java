package dev.tidings.harness;

import dev.tidings.replica.EventLoop;
import dev.tidings.v1.ReplicateRequest;
import dev.tidings.v1.ReplicateResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What lies between the replicas: it delays what they send each other, repeats and reorders writes
 * and acknowledgements, breaks streams and loses what was under way, and can be cut in one
 * direction or in both.
 */
public final class SimulatedNetwork {
  /** One in so many messages is repeated, overtaken by the next, or lost with all after it. */
  private static final int REPEATED = 15;

  private static final int OVERTAKEN = 25;
  private static final int LOST = 40;

  private static final int SHORT_MICROS = 2_000;
  private static final int LONG_MICROS = 400_000;

  private final Random chance;
  private final Set<Way> cuts = new HashSet<>();
  private final Set<Way> cutForEver = new HashSet<>();
  private final Set<Stream<?, ?>> streams = new LinkedHashSet<>();
  private boolean faulty = true;

  private record Way(int from, int to) {}

  public SimulatedNetwork(Random chance) {
    this.chance = chance;
  }

  /**
   * Lets nothing more through that way. Streams under way break, or stand still until it is healed.
   */
  public void cut(int from, int to) {
    if (cuts.add(new Way(from, to)) && chance.nextBoolean()) {
      streamsBetween(from, to).forEach(Stream::lose);
    }
  }

  /** Lets nothing more through between the two, whatever is healed. */
  public void cutForEver(int one, int other) {
    cutForEver.add(new Way(one, other));
    cutForEver.add(new Way(other, one));
    streamsBetween(one, other)
        .forEach(
            stream -> {
              stream.lose();
              stream.hangUp();
            });
  }

  public void heal(int from, int to) {
    if (cuts.remove(new Way(from, to))) {
      streamsBetween(from, to).forEach(Stream::flow);
    }
  }

  /** All is well from now on, but for what is under way, and what is cut for ever. */
  public void healAll() {
    faulty = false;
    cuts.clear();
    List.copyOf(streams).forEach(Stream::flow);
  }

  /** Breaks the streams between two replicas; what was under way may still arrive. */
  public void lose(int one, int other) {
    streamsBetween(one, other).forEach(Stream::lose);
  }

  /** Breaks all of a replica's streams. */
  void loseAll(int id) {
    streams.stream()
        .filter(stream -> stream.from == id || stream.to == id)
        .toList()
        .forEach(Stream::lose);
  }

  private List<Stream<?, ?>> streamsBetween(int one, int other) {
    return streams.stream()
        .filter(
            stream ->
                (stream.from == one && stream.to == other)
                    || (stream.from == other && stream.to == one))
        .toList();
  }

  private boolean isCut(int from, int to) {
    var way = new Way(from, to);
    return cuts.contains(way) || cutForEver.contains(way);
  }

  private Duration delay() {
    int most = chance.nextInt(10) == 0 ? LONG_MICROS : SHORT_MICROS;
    return Duration.of(faulty ? chance.nextInt(most) : 0, ChronoUnit.MICROS);
  }

  private boolean happens(int oneIn) {
    return faulty && chance.nextInt(oneIn) == 0;
  }

  /**
   * Everything that a replica, or a client as 0, asks of a replica goes this way.
   *
   * @param isThere whether the other listens; asked here, since a channel that has failed tries
   *     again in real time
   */
  ClientInterceptor between(SimulatedTime time, int from, int to, BooleanSupplier isThere) {
    return new ClientInterceptor() {
      @Override
      public <Q, R> ClientCall<Q, R> interceptCall(
          MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        boolean reaches = isThere.getAsBoolean() && !isCut(from, to) && !isCut(to, from);
        return reaches
            ? new Stream<Q, R>(time, from, to, next.newCall(method, options))
            : new Refused<>();
      }
    };
  }

  /** A call that did not get through. */
  private static final class Refused<Q, R> extends ClientCall<Q, R> {
    @Override
    public void start(Listener<R> listener, Metadata headers) {
      listener.onClose(
          Status.UNAVAILABLE.withDescription("nobody could be reached"), new Metadata());
    }

    @Override
    public void request(int count) {}

    @Override
    public void cancel(@Nullable String message, @Nullable Throwable cause) {}

    @Override
    public void halfClose() {}

    @Override
    public void sendMessage(Q message) {}
  }

  /** One call, as both sides see it. */
  private final class Stream<Q, R> extends SimpleForwardingClientCall<Q, R> {
    private final int from;
    private final int to;
    private final Pipe requests;
    private final Pipe responses;
    private ClientCall.@Nullable Listener<R> caller;
    private boolean ended;

    Stream(SimulatedTime time, int from, int to, ClientCall<Q, R> call) {
      super(call);
      this.from = from;
      this.to = to;
      this.requests = new Pipe(time, from, to);
      this.responses = new Pipe(time, to, from);
    }

    @Override
    public void start(Listener<R> listener, Metadata headers) {
      caller = listener;
      streams.add(this);
      super.start(
          new SimpleForwardingClientCallListener<R>(listener) {
            @Override
            public void onMessage(R message) {
              responses.send(mayStray(message), () -> tellCaller(() -> super.onMessage(message)));
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
              responses.add(() -> end(status, trailers));
              responses.flow();
            }
          },
          headers);
    }

    private boolean mayStray(Object message) {
      return message instanceof ReplicateRequest request
          ? request.hasBatch()
          : message instanceof ReplicateResponse response && response.hasAcknowledgement();
    }

    private void tellCaller(Runnable what) {
      if (!ended) {
        what.run();
      }
    }

    @Override
    public void sendMessage(Q message) {
      if (!ended) {
        requests.send(mayStray(message), () -> super.sendMessage(message));
      }
    }

    @Override
    public void halfClose() {
      requests.add(super::halfClose);
      requests.flow();
    }

    @Override
    public void cancel(@Nullable String message, @Nullable Throwable cause) {
      requests.close();
      streams.remove(this);
      super.cancel(message, cause);
    }

    @Override
    public boolean isReady() {
      return !ended && super.isReady();
    }

    private void end(Status status, Metadata trailers) {
      if (!ended) {
        ended = true;
        requests.close();
        responses.close();
        streams.remove(this);
        if (caller != null) {
          caller.onClose(status, trailers);
        }
      }
    }

    /** The caller finds the stream broken; the other side when what is under way has arrived. */
    void lose() {
      if (!ended) {
        ended = true;
        responses.close();
        requests.loseSome();
        requests.add(this::hangUp);
        requests.flow();
        if (caller != null) {
          caller.onClose(
              Status.UNAVAILABLE.withDescription("the connection broke"), new Metadata());
        }
      }
    }

    private void hangUp() {
      streams.remove(this);
      super.cancel("the connection broke", null);
    }

    void flow() {
      requests.flow();
      responses.flow();
    }

    /** One direction of a stream. */
    private final class Pipe {
      private final SimulatedTime time;
      private final int source;
      private final int target;
      private final Queue<Runnable> underWay = new ArrayDeque<>();
      private @Nullable Runnable overtaken;
      private EventLoop.@Nullable Timer timer;
      private boolean begun;
      private boolean broken;
      private boolean closed;

      Pipe(SimulatedTime time, int source, int target) {
        this.time = time;
        this.source = source;
        this.target = target;
      }

      /**
       * @param mayStray whether it may come twice, or after the next
       */
      void send(boolean mayStray, Runnable message) {
        if (broken) {
          return;
        }
        if (begun && happens(LOST)) {
          // No connection loses a message and delivers the next.
          broken = true;
          time.after(Duration.ZERO, Stream.this::lose);
          return;
        }
        if (mayStray && overtaken == null && happens(OVERTAKEN)) {
          overtaken = message;
          time.after(Duration.of(LONG_MICROS, ChronoUnit.MICROS), this::sendOvertaken);
          return;
        }
        add(message);
        if (mayStray && happens(REPEATED)) {
          add(message);
        }
        begun = true;
        sendOvertaken();
        flow();
      }

      private void sendOvertaken() {
        if (overtaken != null) {
          add(overtaken);
          overtaken = null;
          flow();
        }
      }

      void add(Runnable arrival) {
        if (!closed) {
          underWay.add(arrival);
        }
      }

      /** Lets the next one arrive after a while, if there is one and nothing is cut. */
      void flow() {
        if (timer == null && !closed && !underWay.isEmpty() && !isCut(source, target)) {
          timer =
              time.after(
                  delay(),
                  () -> {
                    timer = null;
                    if (!closed && !isCut(source, target)) {
                      Runnable next = underWay.remove();
                      next.run();
                    }
                    flow();
                  });
        }
      }

      void loseSome() {
        overtaken = null;
        int arriving = chance.nextInt(underWay.size() + 1);
        List<Runnable> first = underWay.stream().limit(arriving).toList();
        underWay.clear();
        underWay.addAll(first);
      }

      void close() {
        closed = true;
        underWay.clear();
      }
    }
  }
}
