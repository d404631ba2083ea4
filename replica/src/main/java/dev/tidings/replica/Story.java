package dev.tidings.replica;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.PositionSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Tells in the replica's log what happens to writes and who comes and goes, in words a person
 * follows. Under load it tells the first lines of each second and counts the rest. Confined to the
 * replica's loop.
 */
public final class Story {
  private static final int LINES_A_SECOND = 30;
  private static final long SECOND_MICROS = 1_000_000;

  private final Origin self;
  private final LongSupplier nowMicros;
  private final Consumer<String> lines;
  private long secondBegan;
  private int told;
  private long untold;

  /**
   * @param nowMicros a clock that never goes back
   * @param lines takes the story, line by line
   */
  public Story(Origin self, LongSupplier nowMicros, Consumer<String> lines) {
    this.self = self;
    this.nowMicros = nowMicros;
    this.lines = lines;
  }

  /** A write is readable here, at once or after it was stalled. */
  void visible(Write write, OptionalLong stalledForMicros, long lamportTime) {
    if (mayTell()) {
      lines.accept(
          stalledForMicros.isPresent()
              ? "visible after %.1f s: %s (version %s)"
                  .formatted(stalledForMicros.getAsLong() / 1e6, words(write), write.version())
              : "%s (%s)".formatted(words(write), receipt(write, lamportTime)));
    }
  }

  /** A write is held back. */
  void stalled(Write write, PositionSet missing, long lamportTime) {
    if (mayTell()) {
      lines.accept(
          "stalled: %s (version %s, %s) until write %s is visible here"
              .formatted(words(write), write.version(), receipt(write, lamportTime), missing));
    }
  }

  /** A client opened a connection. */
  void connected(String address) {
    if (mayTell()) {
      lines.accept("client connected from " + address);
    }
  }

  /** A peer opened a stream, and we have so many of its writes. */
  void peerConnected(Origin peer, long heldUpTo) {
    if (mayTell()) {
      lines.accept("%s connected; we have %d of its writes".formatted(peer, heldUpTo));
    }
  }

  /** A peer's stream broke. */
  void peerDisconnected(Origin peer) {
    if (mayTell()) {
      lines.accept(peer + " disconnected");
    }
  }

  private String receipt(Write write, long lamportTime) {
    Origin origin = write.position().origin();
    return "received %s at Lamport time %d"
        .formatted(origin.equals(self) ? "directly from client" : "from " + origin, lamportTime);
  }

  private static String words(Write write) {
    return write.mutations().stream().limit(3).map(Story::words).collect(Collectors.joining("; "))
        + (write.mutations().size() > 3
            ? "; and %d more".formatted(write.mutations().size() - 3)
            : "");
  }

  private static String some(List<Bytes> elements) {
    return elements.stream().limit(3).map(Bytes::toString).collect(Collectors.joining(", "))
        + (elements.size() > 3 ? " and %d more".formatted(elements.size() - 3) : "");
  }

  private static String words(Mutation mutation) {
    if (mutation instanceof Mutation.Append append) {
      return append.value().toString();
    }
    if (mutation instanceof Mutation.Put put) {
      return "%s = %s".formatted(put.key(), put.value());
    }
    if (mutation instanceof Mutation.SetMember set) {
      return "replica %d %s"
          .formatted(
              set.member().replicaId(),
              set.member().removed()
                  ? "is removed from the cluster"
                  : set.member().incarnation() == 0
                      ? "belongs to the cluster"
                      : "lives in incarnation " + set.member().incarnation());
    }
    if (mutation instanceof Mutation.MultiPut put && put.value().isPresent()) {
      return "%s = %s".formatted(put.key(), put.value().get());
    }
    if (mutation instanceof Mutation.Increment increment) {
      return "%s %+d".formatted(increment.key(), increment.by());
    }
    if (mutation instanceof Mutation.Add add) {
      return "%s with %s".formatted(add.key(), some(add.elements()));
    }
    if (mutation instanceof Mutation.Remove remove) {
      return "%s without %s"
          .formatted(
              remove.key(),
              some(remove.removed().stream().map(Mutation.Removed::element).toList()));
    }
    if (mutation instanceof Mutation.InMap field) {
      return "%s: %s".formatted(field.map(), words(field.change()));
    }
    return "%s deleted".formatted(mutation.key());
  }

  private boolean mayTell() {
    long now = nowMicros.getAsLong();
    if (now - secondBegan >= SECOND_MICROS) {
      if (untold > 0) {
        lines.accept("… and %d more since the last line".formatted(untold));
      }
      secondBegan = now;
      told = 0;
      untold = 0;
    }
    if (told < LINES_A_SECOND) {
      told++;
      return true;
    }
    untold++;
    return false;
  }
}
