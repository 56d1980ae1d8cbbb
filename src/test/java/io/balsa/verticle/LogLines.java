package io.balsa.verticle;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/** What one package logs, kept for a test to read. */
final class LogLines implements AutoCloseable {
  private final String name;
  private final LoggerContext context = (LoggerContext) LogManager.getContext(false);
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private LogLines(String name) {
    this.name = name;
    AbstractAppender appender =
        new AbstractAppender("lines", null, null, false, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            lines.add(event.getLevel() + " " + event.getMessage().getFormattedMessage());
          }
        };
    appender.start();
    LoggerConfig config = new LoggerConfig(name, Level.DEBUG, false);
    config.addAppender(appender, Level.DEBUG, null);
    context.getConfiguration().addLogger(name, config);
    context.updateLoggers();
  }

  static LogLines of(Package logged) {
    return new LogLines(logged.getName());
  }

  long count(String level, String text) {
    return lines.stream().filter(line -> line.startsWith(level) && line.contains(text)).count();
  }

  @Override
  public void close() {
    context.getConfiguration().removeLogger(name);
    context.updateLoggers();
  }
}
