@NullMarked
package dev.tidings.replica.storage;

import org.jspecify.annotations.NullMarked;
