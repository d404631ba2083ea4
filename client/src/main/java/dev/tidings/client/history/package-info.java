/** Files of histories: what clients saw, written down and read again. */
@NullMarked
package dev.tidings.client.history;

import org.jspecify.annotations.NullMarked;
