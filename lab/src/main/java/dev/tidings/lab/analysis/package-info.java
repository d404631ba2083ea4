/**
 * What the logs of a run say: {@link dev.tidings.lab.analysis.Run} reads a directory of logs, ours
 * or another implementation's, and {@link dev.tidings.lab.analysis.RunAnalysis} computes all that
 * the report shows, theory beside measurement. Nothing here writes anything.
 */
@NullMarked
package dev.tidings.lab.analysis;

import org.jspecify.annotations.NullMarked;
