/**
 * How an analysis is shown: as text with sparklines, JSON, CSV, a self-contained HTML page, and
 * charts as SVG and PNG. {@link dev.tidings.lab.report.Tables} and {@link
 * dev.tidings.lab.report.Charts} say what is shown, once for all forms.
 */
@NullMarked
package dev.tidings.lab.report;

import org.jspecify.annotations.NullMarked;
