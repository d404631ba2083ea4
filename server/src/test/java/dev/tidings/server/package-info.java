@NullMarked
package dev.tidings.server;

import org.jspecify.annotations.NullMarked;
