/** What was measured: ratios of pairs, tables, files of JSON, and a page with charts. */
@NullMarked
package dev.tidings.bench.results;

import org.jspecify.annotations.NullMarked;
