@NullMarked
package dev.tidings.replica.link;

import org.jspecify.annotations.NullMarked;
