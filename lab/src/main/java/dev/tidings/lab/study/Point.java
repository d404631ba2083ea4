package dev.tidings.lab.study;

import org.jspecify.annotations.Nullable;

/**
 * One place of a grid: a setting that is run with several seeds.
 *
 * @param group what it is a part of, in a few words
 * @param speeds as {@code --clock-speeds} has them
 * @param linkDelay as {@code --link-delay} has it
 * @param loss how likely a message gets lost
 * @param others how many others each host knows; null for all
 * @param tickJitter how late a tick may be, as a part of the time between two ticks
 * @param seconds how long each run is
 */
public record Point(
    String group,
    String speeds,
    double probInternal,
    int hosts,
    String linkDelay,
    double loss,
    @Nullable Integer others,
    double tickJitter,
    double seconds) {

  /** With perfect links, where all know all and tick on time. */
  public Point(String group, String speeds, double probInternal, int hosts, double seconds) {
    this(group, speeds, probInternal, hosts, "0", 0, null, 0, seconds);
  }

  /** How many others each host knows, in words. */
  public String othersInWords() {
    return others == null ? "all" : others.toString();
  }

  /** Names the run of a seed, and does not change: what is there already is not run again. */
  String key(long seed) {
    return String.join(
        "|",
        group,
        speeds,
        Double.toString(probInternal),
        Integer.toString(hosts),
        linkDelay,
        Double.toString(loss),
        othersInWords(),
        Double.toString(tickJitter),
        Double.toString(seconds),
        Long.toString(seed));
  }
}
