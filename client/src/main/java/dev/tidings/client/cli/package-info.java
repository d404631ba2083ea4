/**
 * The command line: Alice, Bob and any other client, interactive, from a script, or one command at
 * a time.
 *
 * <p>{@link dev.tidings.client.cli.ClientMain} parses the options; every command is one class that
 * does the same however it was typed, on a {@code Conversation}; {@code Shell} reads lines for
 * them.
 */
@NullMarked
package dev.tidings.client.cli;

import org.jspecify.annotations.NullMarked;
