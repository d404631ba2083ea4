/**
 * The drift laboratory's router: who is in an experiment, when it starts, and who gets what. {@link
 * dev.tidings.router.RouteService} is all of it; {@code RouterMain} puts it on a port.
 */
@NullMarked
package dev.tidings.router;

import org.jspecify.annotations.NullMarked;
