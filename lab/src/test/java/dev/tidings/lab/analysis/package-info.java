@NullMarked
package dev.tidings.lab.analysis;

import org.jspecify.annotations.NullMarked;
