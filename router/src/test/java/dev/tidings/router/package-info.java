@NullMarked
package dev.tidings.router;

import org.jspecify.annotations.NullMarked;
