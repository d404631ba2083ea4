package dev.tidings.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import dev.tidings.v1.LogLevel;
import dev.tidings.v1.SetLogLevelRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class LogLevelsTest {
  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final Logger below = LoggerFactory.getLogger("example.one.below");
  private final LogLevel root = set("", LogLevel.LOG_LEVEL_INFO);

  @AfterEach
  void putBack() {
    set("", root);
    context.getLogger("example.one").setLevel(null);
  }

  @Test
  void a_level_is_of_a_logger_and_what_is_below_it() {
    assertEquals(LogLevel.LOG_LEVEL_INFO, set("example.one", LogLevel.LOG_LEVEL_DEBUG));
    assertTrue(below.isDebugEnabled());
    assertFalse(LoggerFactory.getLogger("example.other").isDebugEnabled());
    assertEquals(LogLevel.LOG_LEVEL_DEBUG, set("example.one", LogLevel.LOG_LEVEL_OFF));
    assertFalse(below.isErrorEnabled());
  }

  @Test
  void the_root_is_all_that_have_no_level_of_their_own() {
    set("example.one", LogLevel.LOG_LEVEL_INFO);
    assertEquals(LogLevel.LOG_LEVEL_INFO, set("", LogLevel.LOG_LEVEL_TRACE));
    assertTrue(LoggerFactory.getLogger("example.other").isTraceEnabled());
    assertFalse(below.isTraceEnabled());
  }

  @Test
  void unknown_loggers_are_refused_and_not_made() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> set("example.twi", LogLevel.LOG_LEVEL_INFO));
    assertEquals("there is no logger \"example.twi\" here", e.getMessage());
    assertNull(context.exists("example.twi"));
  }

  @Test
  void unknown_levels_are_refused() {
    for (int number : new int[] {0, 99}) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  LogLevels.set(
                      SetLogLevelRequest.newBuilder()
                          .setLogger("example.one")
                          .setLevelValue(number)
                          .build()));
      assertEquals(
          "there is no such log level; there are OFF, ERROR, WARN, INFO, DEBUG and TRACE",
          e.getMessage());
    }
  }

  private static LogLevel set(String logger, LogLevel level) {
    return LogLevels.set(SetLogLevelRequest.newBuilder().setLogger(logger).setLevel(level).build())
        .getPrevious();
  }
}
