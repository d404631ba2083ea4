package dev.tidings.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that no causal store shows.
 *
 * @param guarantee the session guarantee that is broken, where it is one by itself; else null
 * @param steps what was read and written, one after another, up to what cannot be
 */
public record Violation(Pattern pattern, @Nullable Guarantee guarantee, List<Step> steps) {
  public Violation {
    steps = List.copyOf(steps);
  }

  /**
   * One operation of the explanation.
   *
   * @param operation its number in the history
   * @param from the write that it has read, where the explanation needs it; else -1
   * @param place where it stands in the file
   * @param who did it
   * @param what was done, in words
   */
  public record Step(int operation, int from, String place, String who, String what) {
    /** As one sentence: {@code line 5: carol read x = 1, written in line 4}. */
    public String text() {
      return place + ": " + who + " " + what;
    }
  }

  /** The pattern, and the guarantee if one is broken. */
  public String headline() {
    return guarantee == null ? pattern.words() : pattern.words() + " (" + guarantee.words() + ")";
  }
}
