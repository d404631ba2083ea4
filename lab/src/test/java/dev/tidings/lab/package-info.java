@NullMarked
package dev.tidings.lab;

import org.jspecify.annotations.NullMarked;
