/**
 * What every server has, to be run: metrics, a configuration file, log levels that can change,
 * requests that may be unreadable.
 */
@NullMarked
package dev.tidings.server;

import org.jspecify.annotations.NullMarked;
