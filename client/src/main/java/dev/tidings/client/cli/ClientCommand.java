package dev.tidings.client.cli;

/**
 * A command, parsed; the same whether it was typed at a prompt, in a script, or on the command
 * line.
 */
interface ClientCommand {
  /**
   * @throws CommandFailure if it could not be done
   * @throws dev.tidings.client.TidingsException if a replica refused or did not answer
   */
  void run(Conversation conversation);
}
