package io.genserver.runtime;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a log line shows of the process whose code the current thread runs: `pid`, and
/// `registered_name` if it has a local name. The log library asks for it only when it writes a
/// line.
///
/// If the MDC has an entry of the same name, the line shows the MDC's, because a user has put it
/// there.
final class LogEntries {

    static final String PID = "pid";
    static final String REGISTERED_NAME = "registered_name";

    private static final boolean SHOWN = !"off".equals(System.getProperty("genserver.mdc"));

    private LogEntries() {}

    /// Returns the entries of the process; empty on a thread that runs none. It takes no lock,
    /// because an appender may ask while it holds its own.
    static Map<String, String> ofThread() {
        Context context = Context.getOrNull();
        LocalProcess process = context == null ? null : context.process();
        if (process == null) {
            return Map.of();
        }
        String name = process.nameWithoutLock();
        return name == null
                ? Map.of(PID, process.pid.toString())
                : Map.of(PID, process.pid.toString(), REGISTERED_NAME, name);
    }

    /// Returns the entries of the process, or none if `genserver.mdc` is off.
    static Map<String, String> shown() {
        return SHOWN ? ofThread() : Map.of();
    }

    /// Returns the entries of the process together with those of the MDC.
    ///
    /// @param mdc what is in the MDC, unmodifiable; null for nothing
    static Map<String, String> with(@Nullable Map<String, String> mdc) {
        Map<String, String> process = shown();
        if (mdc == null || mdc.isEmpty()) {
            return process;
        }
        if (process.isEmpty()) {
            return mdc;
        }
        Map<String, String> both = new HashMap<>(process);
        both.putAll(mdc);
        return Collections.unmodifiableMap(both);
    }
}
