@NullMarked
package dev.tidings.lab.report;

import org.jspecify.annotations.NullMarked;
