package dev.tidings.client;

import io.grpc.Deadline;
import io.grpc.ManagedChannel;

/**
 * What connections need from outside: a network, time and chance. Safe for any number of threads.
 */
interface Surroundings extends AutoCloseable {
  /** A new channel to a replica. */
  ManagedChannel open(String address);

  /** When gRPC, and the replica, are to give up a call. */
  Deadline deadline(long nanos);

  /** Time in nanoseconds from some moment on. */
  long nanoTime();

  /**
   * Does something short after a while, unless it is cancelled, or this is closed.
   *
   * @return cancels it
   */
  Runnable after(long nanos, Runnable task);

  /** A random number from 0 to below the bound. */
  long random(long bound);

  /** Ends what it has begun, without waiting for it. */
  @Override
  void close();
}
