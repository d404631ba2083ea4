package dev.tidings.router;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The router on a port. */
public final class RouterServer {
  private static final long STOP_SECONDS = 2;

  private final HealthStatusManager health = new HealthStatusManager();
  private final Server server;

  public RouterServer(InetSocketAddress address, RouteService service) {
    server =
        NettyServerBuilder.forAddress(address)
            // Nothing that the service does blocks.
            .directExecutor()
            // A host whose machine died, or that stands still, is noticed within some twelve
            // seconds; gRPC pings no more often.
            .keepAliveTime(10, TimeUnit.SECONDS)
            .keepAliveTimeout(2, TimeUnit.SECONDS)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            // Who connects and does not speak HTTP/2 is dropped; gRPC would wait two minutes.
            .handshakeTimeout(10, TimeUnit.SECONDS)
            .maxConnectionIdle(10, TimeUnit.MINUTES)
            .addService(service.guarded())
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .build();
  }

  /**
   * @throws IOException if the port cannot be had
   */
  public void start() throws IOException {
    server.start();
  }

  /** Returns once the server has stopped. */
  public void awaitStop() throws InterruptedException {
    server.awaitTermination();
  }

  /** Ends all streams; waits some seconds at most. */
  public void stop() throws InterruptedException {
    health.enterTerminalState();
    server.shutdownNow();
    server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
  }
}
