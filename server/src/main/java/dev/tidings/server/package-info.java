/**
 * What every server has, to be run: metrics, a configuration file, log levels that can change,
 * messages that are bytes already.
 */
@NullMarked
package dev.tidings.server;

import org.jspecify.annotations.NullMarked;
