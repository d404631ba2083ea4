package dev.tidings.server;

import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The threads of connections: each connection is one of theirs, for good. */
public final class ConnectionThreads {
  private final EventLoopGroup group;

  /**
   * @param name what the threads' names begin with
   * @param count how many; 0 for twice as many as there are processors
   */
  public ConnectionThreads(String name, int count) {
    group =
        new MultiThreadIoEventLoopGroup(
            count,
            new DefaultThreadFactory(name, true),
            Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  }

  /** Lets a server have its connections on these threads, and calls begin on them. */
  public NettyServerBuilder serve(NettyServerBuilder server) {
    return server
        .channelType(
            Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
        .bossEventLoopGroup(group)
        .workerEventLoopGroup(group)
        .directExecutor();
  }

  /**
   * Lets a channel have its connection on one of these threads, and calls hear of answers there.
   */
  public NettyChannelBuilder connect(NettyChannelBuilder channel) {
    return channel
        .channelType(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
        .eventLoopGroup(group)
        .directExecutor();
  }

  /**
   * Runs tasks on the thread that asks, later.
   *
   * @throws IllegalStateException if it is none of these
   */
  public Executor current() {
    for (EventExecutor each : group) {
      if (each.inEventLoop()) {
        return each;
      }
    }
    throw new IllegalStateException("this is no connection's thread");
  }

  /** Ends the threads, once servers and channels have; waits so many seconds at most. */
  public void stop(long seconds) throws InterruptedException {
    group.shutdownGracefully(0, seconds, TimeUnit.SECONDS).await(seconds, TimeUnit.SECONDS);
  }
}
