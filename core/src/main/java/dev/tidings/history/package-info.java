/**
 * What clients saw, and whether it was causal. A {@link dev.tidings.history.History} is all that is
 * known: sessions of reads and writes, and perhaps what the replicas held at the end; {@link
 * dev.tidings.history.Checker} judges it by the bad patterns of Bouajjani, Enea, Guerraoui and
 * Hamza, "On verifying causal consistency" (POPL 2017), carried over to atomic groups as in Biswas
 * and Enea, "On the complexity of checking transactional consistency" (OOPSLA 2019), with vector
 * clocks per session, as in Møldrup and Pavlogiannis, "AWDIT" (PLDI 2025). Real time never decides.
 */
@NullMarked
package dev.tidings.history;

import org.jspecify.annotations.NullMarked;
