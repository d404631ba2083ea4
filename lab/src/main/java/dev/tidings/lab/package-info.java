/**
 * The drift experiment around the core's host: {@link dev.tidings.lab.HostRunner} ticks it in real
 * time over the router, {@link dev.tidings.lab.EventLog} writes down what happens as it happens,
 * {@link dev.tidings.lab.RunLog} reads that back, and the {@code bin/lab} commands put it together.
 */
@NullMarked
package dev.tidings.lab;

import org.jspecify.annotations.NullMarked;
