package dev.tidings.client.cli;

import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Channels on threads that the process ends itself. A JVM that is to exit waits 0.3 s for threads
 * in native code, and gRPC's own ones stay there.
 */
final class Transport {
  private @Nullable EventLoopGroup threads;

  /** Begins a channel. Any thread. */
  synchronized ManagedChannelBuilder<?> channel(String address) {
    if (threads == null) {
      threads = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
    }
    return NettyChannelBuilder.forTarget("dns:///" + address)
        .usePlaintext()
        .eventLoopGroup(threads)
        .channelType(NioSocketChannel.class);
  }

  /** Ends the threads, and whatever channels are left, soon. */
  synchronized void end() {
    if (threads != null) {
      var unused = threads.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
