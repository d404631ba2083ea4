@NullMarked
package dev.tidings.lab.study;

import org.jspecify.annotations.NullMarked;
