/**
 * What a replica keeps. {@link dev.tidings.replica.storage.ReplicaStore} is the storage logic: log,
 * data and progress, which change in one atomic batch; {@link
 * dev.tidings.replica.storage.KeyValueStore} is the port below it, with RocksDB for real use and
 * memory for tests.
 */
@NullMarked
package dev.tidings.replica.storage;

import org.jspecify.annotations.NullMarked;
