package dev.tidings.client;

import dev.tidings.harness.Cluster;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * The session library on a cluster's virtual time. Only its asynchronous form can be used: time
 * passes when the test's thread lets it.
 */
public final class ClusterClients {
  private ClusterClients() {}

  /** How the library calls a replica. */
  public static String address(int id) {
    return "replica:" + id;
  }

  /**
   * Connections to some replicas of a cluster.
   *
   * @param chance decides how long pauses are
   * @param replicas sessions begin at the first
   */
  public static Tidings connect(
      Cluster cluster, Duration deadline, Random chance, List<Integer> replicas) {
    return new Tidings(
        replicas.stream().map(ClusterClients::address).toList(),
        deadline,
        new Surroundings() {
          @Override
          public ManagedChannel open(String address) {
            return cluster.newClientChannel(Addresses.port(address));
          }

          @Override
          public Deadline deadline(long nanos) {
            // Of real time, which does not count here.
            return Deadline.after(1, TimeUnit.HOURS);
          }

          @Override
          public long nanoTime() {
            return cluster.time().nowMicros() * 1_000;
          }

          @Override
          public Runnable after(long nanos, Runnable task) {
            return cluster.time().after(Duration.ofNanos(nanos), task)::cancel;
          }

          @Override
          public long random(long bound) {
            return chance.nextLong(bound);
          }

          @Override
          public void close() {}
        });
  }

  /** What comes of a request within so much virtual time; whatever it fails with is thrown. */
  public static <T> T within(Cluster cluster, Duration atMost, CompletableFuture<T> request) {
    cluster.time().until("an answer", atMost, request::isDone);
    try {
      return request.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }
}
