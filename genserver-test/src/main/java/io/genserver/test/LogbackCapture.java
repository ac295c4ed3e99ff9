package io.genserver.test;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Iterator;

/// Reads lines with an appender of the root logger, and of each logger that does not pass its lines
/// on. Keeps lines back with a filter on every other appender. Both run on the thread that logs, so
/// they know its node.
final class LogbackCapture implements LogCapture {

    private static final String NAME = "io.genserver.test";

    private final LoggerContext context;

    LogbackCapture(Object context) {
        this.context = (LoggerContext) context;
    }

    @Override
    public synchronized void install() {
        for (Logger logger : context.getLoggerList()) {
            boolean top = logger.getName().equals(org.slf4j.Logger.ROOT_LOGGER_NAME);
            Iterator<Appender<ILoggingEvent>> appenders = logger.iteratorForAppenders();
            while (appenders.hasNext()) {
                addFilter(appenders.next());
            }
            if ((top || !logger.isAdditive()) && logger.getAppender(NAME) == null) {
                logger.addAppender(reader());
            }
        }
    }

    private Appender<ILoggingEvent> reader() {
        Appender<ILoggingEvent> reader = new Reader();
        reader.setName(NAME);
        reader.setContext(context);
        reader.start();
        return reader;
    }

    private static void addFilter(Appender<ILoggingEvent> appender) {
        boolean has =
                appender.getCopyOfAttachedFiltersList().stream()
                        .anyMatch(KeepBack.class::isInstance);
        if (!has && !(appender instanceof Reader)) {
            appender.addFilter(new KeepBack());
        }
    }

    private static final class Reader extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            String thrown =
                    event.getThrowableProxy() == null
                            ? ""
                            : "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy()).strip();
            LogCapture.add(
                    event.getLevel()
                            + " "
                            + event.getLoggerName()
                            + " - "
                            + event.getFormattedMessage()
                            + thrown);
        }
    }

    private static final class KeepBack extends Filter<ILoggingEvent> {
        @Override
        public FilterReply decide(ILoggingEvent event) {
            return LogCapture.isKeptBack() ? FilterReply.DENY : FilterReply.NEUTRAL;
        }
    }
}
