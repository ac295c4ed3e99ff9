package io.genserver.runtime;

import java.util.Map;
import org.apache.logging.log4j.ThreadContext;

/// The MDC of log4j2, its [ThreadContext]. The snapshot is a view of an array that log4j2 never
/// changes.
final class Log4j implements LogLibrary {

    @Override
    public Map<String, String> snapshot() {
        return ThreadContext.getImmutableContext();
    }
}
