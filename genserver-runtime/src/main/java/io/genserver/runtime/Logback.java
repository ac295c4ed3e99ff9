package io.genserver.runtime;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.BasicStatusManager;
import ch.qos.logback.core.status.StatusManager;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// The MDC of logback. Its snapshot is a map that logback keeps until the MDC changes.
///
/// A log event asks the MDC adapter of its [LoggerContext] for the MDC when an appender wants it.
/// That adapter is replaced by a [Lines], which adds the process of the thread. slf4j keeps the
/// adapter that it has, so the MDC itself holds only what users put into it. A reset of the
/// context, as when Spring Boot starts, leaves the adapter in place.
final class Logback implements LogLibrary {

    private final LogbackMDCAdapter users;

    private Logback(LogbackMDCAdapter users) {
        this.users = users;
    }

    static Logback showProcesses() {
        LogbackMDCAdapter users = (LogbackMDCAdapter) MDC.getMDCAdapter();
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        LogbackMDCAdapter lines =
                new Lines(context.getMDCAdapter() instanceof LogbackMDCAdapter own ? own : users);
        // The context warns that its adapter is set twice. The warning would make logback print its
        // whole status on the console at the next reset.
        StatusManager status = context.getStatusManager();
        context.setStatusManager(new BasicStatusManager());
        context.setMDCAdapter(lines);
        context.setStatusManager(status);
        return new Logback(users);
    }

    @Override
    public @Nullable Map<String, String> snapshot() {
        return users.getPropertyMap();
    }

    /// What log events see: the MDC and the entries of the process.
    private static final class Lines extends LogbackMDCAdapter {

        private final LogbackMDCAdapter mdc;

        Lines(LogbackMDCAdapter mdc) {
            this.mdc = mdc;
        }

        @Override
        public Map<String, String> getPropertyMap() {
            return LogEntries.with(mdc.getPropertyMap());
        }

        @Override
        public void put(String key, @Nullable String value) {
            mdc.put(key, value);
        }

        @Override
        public @Nullable String get(String key) {
            return mdc.get(key);
        }

        @Override
        public void remove(String key) {
            mdc.remove(key);
        }

        @Override
        public void clear() {
            mdc.clear();
        }

        @Override
        @SuppressWarnings("unchecked") // logback declares a raw map
        public @Nullable Map<String, String> getCopyOfContextMap() {
            return mdc.getCopyOfContextMap();
        }

        @Override
        public @Nullable Set<String> getKeys() {
            return mdc.getKeys();
        }

        @Override
        @SuppressWarnings("rawtypes") // as logback declares it
        public void setContextMap(@Nullable Map map) {
            mdc.setContextMap(map);
        }

        @Override
        public void pushByKey(String key, @Nullable String value) {
            mdc.pushByKey(key, value);
        }

        @Override
        public @Nullable String popByKey(String key) {
            return mdc.popByKey(key);
        }

        @Override
        public @Nullable Deque<String> getCopyOfDequeByKey(String key) {
            return mdc.getCopyOfDequeByKey(key);
        }

        @Override
        public void clearDequeByKey(String key) {
            mdc.clearDequeByKey(key);
        }
    }
}
