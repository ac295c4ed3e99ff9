package io.genserver;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// Collects what a logger logs until this is closed.
public final class Logs extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    /// A log record.
    public record Entry(
            String level, String text, @Nullable Throwable thrown, Map<String, String> context) {}

    private final Logger logger;
    private final List<Entry> entries = new CopyOnWriteArrayList<>();

    private Logs(Logger logger) {
        this.logger = logger;
    }

    public static Logs of(Class<?> type) {
        return of(type.getName());
    }

    public static Logs of(String logger) {
        Logs logs = new Logs((Logger) LoggerFactory.getLogger(logger));
        logs.start();
        logs.logger.addAppender(logs);
        return logs;
    }

    @Override
    protected void append(ILoggingEvent event) {
        Throwable thrown =
                event.getThrowableProxy() instanceof ThrowableProxy proxy
                        ? proxy.getThrowable()
                        : null;
        entries.add(
                new Entry(
                        event.getLevel().toString(),
                        event.getFormattedMessage(),
                        thrown,
                        Map.copyOf(event.getMDCPropertyMap())));
    }

    /// Returns the records whose text contains `part`, usually the pid of a process whose end the
    /// test awaited.
    public List<Entry> with(String part) {
        return entries.stream().filter(entry -> entry.text().contains(part)).toList();
    }

    public Optional<Entry> first(Predicate<Entry> wanted) {
        return entries.stream().filter(wanted).findFirst();
    }

    @Override
    public void close() {
        logger.detachAppender(this);
    }
}
