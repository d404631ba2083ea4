package dev.tidings.drift;

import java.util.OptionalInt;

/**
 * To whom a message goes, as a number, and the name of that in the logs: 0 is BROADCAST, to all
 * other hosts; k is the k-th of the other hosts in the order of their ids: SEND_FIRST, SEND_SECOND,
 * then SEND_3, SEND_4, ….
 */
public final class Target {
  public static final int BROADCAST = 0;

  private static final String SEND = "SEND_";

  private Target() {}

  /**
   * @param target 0 or more
   */
  public static String typeName(int target) {
    return switch (target) {
      case BROADCAST -> "BROADCAST";
      case 1 -> "SEND_FIRST";
      case 2 -> "SEND_SECOND";
      default -> SEND + target;
    };
  }

  /** The target of that name; empty if no target has it. */
  public static OptionalInt ofTypeName(String typeName) {
    return switch (typeName) {
      case "BROADCAST" -> OptionalInt.of(BROADCAST);
      case "SEND_FIRST" -> OptionalInt.of(1);
      case "SEND_SECOND" -> OptionalInt.of(2);
      default ->
          typeName.matches(SEND + "[1-9][0-9]{0,8}")
              ? OptionalInt.of(Integer.parseInt(typeName.substring(SEND.length())))
              : OptionalInt.empty();
    };
  }
}
