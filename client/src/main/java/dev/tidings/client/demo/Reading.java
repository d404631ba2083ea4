package dev.tidings.client.demo;

import java.util.List;

/**
 * What a replica showed to a reader.
 *
 * @param reader who read; its readings at one replica follow one another, each after the answer to
 *     the last
 * @param timeMicros when the answer was there, microseconds since the play began
 * @param shown the messages, in the order in which they were shown
 */
record Reading(String reader, int replica, long timeMicros, List<RingWord> shown) {
  Reading {
    shown = List.copyOf(shown);
  }
}
