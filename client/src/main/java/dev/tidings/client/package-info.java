/**
 * The session library: what a program on the JVM uses to read and write the store.
 *
 * <p>{@link dev.tidings.client.Tidings} owns the connections, {@link dev.tidings.client.Session} is
 * one thread of reads and writes ({@link dev.tidings.client.AsyncSession} for those who do not want
 * to wait), {@link dev.tidings.client.Admin} is for people who run replicas. Generated proto
 * classes and gRPC stay behind these; what goes in and comes out are records and the types of
 * {@code dev.tidings.clock}. The command line in {@code dev.tidings.client.cli} is built on it and
 * on nothing else.
 */
@NullMarked
package dev.tidings.client;

import org.jspecify.annotations.NullMarked;
