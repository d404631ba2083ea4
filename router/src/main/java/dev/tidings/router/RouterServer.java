package dev.tidings.router;

import dev.tidings.server.ConnectionThreads;
import dev.tidings.server.MetricsServer;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The router on a port. */
public final class RouterServer {
  private static final long STOP_SECONDS = 2;

  private final HealthStatusManager health = new HealthStatusManager();

  /**
   * The one thread that does all: what comes on one connection goes out on others, and all of it
   * passes one context. Two threads would mostly wake each other.
   */
  private final ConnectionThreads loop = new ConnectionThreads("router", 1);

  private final InetSocketAddress address;
  private final @Nullable InetSocketAddress metricsAddress;
  private final @Nullable MetricsServer metrics;
  private final Server server;

  /**
   * @param metricsAddress where Prometheus reads metrics; null for nowhere
   */
  public RouterServer(
      InetSocketAddress address, @Nullable InetSocketAddress metricsAddress, RouteService service) {
    this.address = address;
    this.metricsAddress = metricsAddress;
    NettyServerBuilder builder =
        loop.serve(NettyServerBuilder.forAddress(address))
            // A host whose machine died is noticed within half a minute. One that only stands still
            // for some seconds, as among a thousand on a busy machine, is not lost.
            .keepAliveTime(10, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            // Who connects and does not speak HTTP/2 is dropped; gRPC would wait two minutes.
            .handshakeTimeout(10, TimeUnit.SECONDS)
            .maxConnectionIdle(10, TimeUnit.MINUTES)
            .addService(service)
            .addService(new RouterAdmin())
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance());
    if (metricsAddress == null) {
      metrics = null;
    } else {
      metrics = new MetricsServer("router");
      service.counts().showIn(metrics.registry());
      builder.intercept(metrics.interceptor());
    }
    server = builder.build();
  }

  /**
   * @throws IOException if a port cannot be had; the message names it
   */
  public void start() throws IOException {
    try {
      server.start();
    } catch (IOException e) {
      throw new IOException(
          "cannot serve hosts on %s:%d; is another process using it?"
              .formatted(address.getHostString(), address.getPort()),
          e);
    }
    if (metrics != null && metricsAddress != null) {
      metrics.start(metricsAddress);
    }
  }

  /** Returns once the server has stopped. */
  public void awaitStop() throws InterruptedException {
    server.awaitTermination();
  }

  /** Ends all streams; waits some seconds at most. */
  public void stop() throws InterruptedException {
    health.enterTerminalState();
    server.shutdownNow();
    if (metrics != null) {
      metrics.close();
    }
    server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    loop.stop(STOP_SECONDS);
  }
}
