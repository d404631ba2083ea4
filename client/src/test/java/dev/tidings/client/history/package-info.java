@NullMarked
package dev.tidings.client.history;

import org.jspecify.annotations.NullMarked;
