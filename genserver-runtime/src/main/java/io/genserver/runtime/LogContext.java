package io.genserver.runtime;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.slf4j.helpers.NOPMDCAdapter;

/// The log context, slf4j's MDC, on the thread of a process. It holds the pid and the name of the
/// process, and what the sender of the current message had in its own context. It is set anew for
/// each message, so nothing leaks from one message to the next.
///
/// The system property `genserver.mdc` chooses how much of it is set: `full`, the default; `own`,
/// without the sender's context; or `off`. With a log library that has no MDC it is always off and
/// costs nothing.
final class LogContext {

    static final String PID = "pid";
    static final String REGISTERED_NAME = "registered_name";

    private enum Mode {
        OFF,
        OWN,
        FULL
    }

    private static final Mode MODE = mode();

    // Constants, so that the compiler removes the code of what is off.
    private static final boolean ON = MODE != Mode.OFF;
    private static final boolean CARRIES = MODE == Mode.FULL;

    private LogContext() {}

    private static Mode mode() {
        String chosen = System.getProperty("genserver.mdc", "full");
        for (Mode mode : Mode.values()) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(chosen)) {
                return MDC.getMDCAdapter() instanceof NOPMDCAdapter ? Mode.OFF : mode;
            }
        }
        throw new IllegalArgumentException(
                "expected the system property genserver.mdc to be full, own or off, got: "
                        + chosen);
    }

    /// Returns the context that a message sent now carries; null for none. Any thread.
    static @Nullable Map<String, String> carried() {
        if (!CARRIES) {
            return null;
        }
        Map<String, String> mine = MDC.getCopyOfContextMap();
        return mine == null || mine.isEmpty() ? null : mine;
    }

    /// Sets the context for the handling of a message. The process's thread.
    static void enter(LocalProcess process, Object message) {
        if (ON) {
            enter(process, Envelope.logContext(message));
        }
    }

    /// Sets the context for what a process does from now on. The process's thread.
    ///
    /// @param carried the context that came with the message, or null
    static void enter(LocalProcess process, @Nullable Map<String, String> carried) {
        if (ON) {
            Map<String, String> own = own(process);
            if (carried == null) {
                MDC.setContextMap(own);
            } else {
                Map<String, String> both = new HashMap<>(carried);
                both.remove(REGISTERED_NAME); // the sender's
                both.putAll(own);
                MDC.setContextMap(both);
            }
        }
    }

    /// Returns the context of a thread that is about to run another process.
    static @Nullable Map<String, String> save() {
        return ON ? MDC.getCopyOfContextMap() : null;
    }

    /// Restores what [#save] has returned.
    static void restore(@Nullable Map<String, String> saved) {
        if (ON) {
            if (saved == null) {
                MDC.clear();
            } else {
                MDC.setContextMap(saved);
            }
        }
    }

    private static Map<String, String> own(LocalProcess process) {
        Context context = Context.get();
        String name = process.name().orElse("");
        if (context.logContext == null
                || context.logPid != process.pid
                || !context.logName.equals(name)) {
            context.logPid = process.pid;
            context.logName = name;
            context.logContext =
                    name.isEmpty()
                            ? Map.of(PID, process.pid.toString())
                            : Map.of(PID, process.pid.toString(), REGISTERED_NAME, name);
        }
        return context.logContext;
    }
}
