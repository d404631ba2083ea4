/**
 * The wedding ring: what Alice and Bob say, and a play of it over three replica processes that ends
 * with a verdict on what the replicas showed.
 */
@NullMarked
package dev.tidings.client.demo;

import org.jspecify.annotations.NullMarked;
