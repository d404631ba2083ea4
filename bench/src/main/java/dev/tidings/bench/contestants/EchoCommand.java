package dev.tidings.bench.contestants;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The echo as a process of its own, with the settings of a replica's client port. */
@Command(name = "echo", hidden = true, description = "Runs the bare gRPC server, for the bench.")
public final class EchoCommand implements Callable<Integer> {
  @Option(names = "--port", required = true)
  private int port;

  /** 0: what answers is the thread that reads. */
  @Option(names = "--threads", defaultValue = "0")
  private int threads;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Executor executor = threads == 0 ? Runnable::run : Executors.newFixedThreadPool(threads);
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .executor(executor)
            .maxInboundMessageSize(64 << 20)
            .handshakeTimeout(10, TimeUnit.SECONDS)
            .maxConnectionIdle(10, TimeUnit.MINUTES)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(20, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .addService(new EchoService())
            .build()
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    server.awaitTermination();
    return 0;
  }
}
