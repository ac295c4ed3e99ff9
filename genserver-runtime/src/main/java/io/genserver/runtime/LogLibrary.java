package io.genserver.runtime;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.spi.MDCAdapter;

/// How to see the MDC without copying it. The classes of logback and log4j2 are loaded only if
/// slf4j logs with that library.
interface LogLibrary {

    /// A library that the runtime does not know. It copies the MDC.
    LogLibrary OTHER = MDC::getCopyOfContextMap;

    /// Returns the entries in the MDC of the current thread. The map never changes. If the entries
    /// have not changed since the last look, a library that can shows that; see [#isSame].
    ///
    /// @return the entries; null or empty if there are none
    @Nullable Map<String, String> snapshot();

    /// Returns whether two snapshots of one thread show that the entries have not changed. If it
    /// returns false, they may still be equal.
    default boolean isSame(Map<String, String> now, Map<String, String> before) {
        return now == before;
    }

    /// Returns the library that slf4j logs with, and has its lines show the process.
    static LogLibrary find() {
        MDCAdapter adapter = MDC.getMDCAdapter();
        if (isLogback(adapter)) {
            return Logback.showProcesses();
        }
        if (is("org.apache.logging.slf4j.Log4jMDCAdapter", adapter)) {
            return new Log4j(); // log4j2 finds ProcessContextData by itself
        }
        return OTHER;
    }

    /// Returns whether it is logback, and not an old version: an event asks the MDC adapter of its
    /// logger context since the version in which that can be set.
    private static boolean isLogback(MDCAdapter adapter) {
        if (!is("ch.qos.logback.classic.util.LogbackMDCAdapter", adapter)
                || !is("ch.qos.logback.classic.LoggerContext", LoggerFactory.getILoggerFactory())) {
            return false;
        }
        for (var method : LoggerFactory.getILoggerFactory().getClass().getMethods()) {
            if (method.getName().equals("setMDCAdapter")) {
                return true;
            }
        }
        return false;
    }

    private static boolean is(String type, Object object) {
        Class<?> known = typeOrNull(type);
        return known != null && known.isInstance(object);
    }

    private static @Nullable Class<?> typeOrNull(String name) {
        try {
            return Class.forName(name, false, LogLibrary.class.getClassLoader());
        } catch (ClassNotFoundException absent) {
            return null;
        }
    }
}
