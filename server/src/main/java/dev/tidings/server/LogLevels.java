package dev.tidings.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import dev.tidings.v1.LogLevel;
import dev.tidings.v1.SetLogLevelRequest;
import dev.tidings.v1.SetLogLevelResponse;
import org.slf4j.LoggerFactory;

/** Changes this process's log levels. */
public final class LogLevels {
  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(LogLevels.class);
  private static final String PREFIX = "LOG_LEVEL_";

  private LogLevels() {}

  /**
   * @throws IllegalArgumentException if there is no such level or logger
   */
  public static SetLogLevelResponse set(SetLogLevelRequest request) {
    Level level = level(request.getLevel());
    Logger logger = logger(request.getLogger());
    Level before = logger.getEffectiveLevel();
    // Said first: afterwards it might not be logged.
    LOG.info("log level of {} from {} to {}", logger.getName(), before, level);
    logger.setLevel(level);
    return SetLogLevelResponse.newBuilder()
        .setPrevious(
            LogLevel.valueOf(
                PREFIX + (before.isGreaterOrEqual(Level.TRACE) ? before : Level.TRACE)))
        .build();
  }

  private static Level level(LogLevel level) {
    if (level == LogLevel.UNRECOGNIZED || level == LogLevel.LOG_LEVEL_UNSPECIFIED) {
      throw new IllegalArgumentException(
          "there is no such log level; there are OFF, ERROR, WARN, INFO, DEBUG and TRACE");
    }
    return Level.valueOf(level.name().substring(PREFIX.length()));
  }

  private static Logger logger(String name) {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    if (name.isEmpty()) {
      return context.getLogger(Logger.ROOT_LOGGER_NAME);
    }
    // Logback would make one of any name, and a typing mistake would look like a success.
    Logger logger = context.exists(name);
    if (logger == null) {
      throw new IllegalArgumentException("there is no logger \"%s\" here".formatted(name));
    }
    return logger;
  }
}
