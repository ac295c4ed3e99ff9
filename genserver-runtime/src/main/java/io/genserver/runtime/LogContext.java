package io.genserver.runtime;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.slf4j.helpers.NOPMDCAdapter;

/// The log context, slf4j's MDC, on the thread that runs a process. For each message it is what the
/// sender had in its own context when it sent the message, so nothing leaks from one message to the
/// next. Which process runs is not in it; a log line shows that by [LogEntries].
///
/// ## What it costs
///
/// A context travels as the map that the log library shows ([LogLibrary#snapshot]), and never as a
/// copy. An empty one travels as null. The thread that enters a context remembers the map that came
/// (`logCarried` in [Context]) and the map by which the log library shows it (`logSnapshot`). As
/// long as the log library shows that one, nobody has changed the context. So the same map travels
/// on to further processes, and entering it again is one look.
///
/// ## The setting
///
/// The system property `genserver.mdc` is `full`, the default; `own`, if the sender's context is
/// not to travel; or `off`, if the runtime is to leave the context alone and log lines are not to
/// show the process. With a log library that has no MDC it is always off.
final class LogContext {

    private enum Mode {
        OFF,
        OWN,
        FULL
    }

    private static final Mode MODE = mode();

    // Constants, so that the compiler removes the code of what is off.
    private static final boolean ON = MODE != Mode.OFF;
    private static final boolean CARRIES = MODE == Mode.FULL;

    private static final LogLibrary LIBRARY = ON ? LogLibrary.find() : LogLibrary.OTHER;

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

    // Messages

    /// Returns the context that a message sent now carries; null for none. Any thread.
    static @Nullable Map<String, String> carried() {
        return CARRIES ? current() : null;
    }

    /// Returns whether there is nothing to do here.
    static boolean isOff() {
        return !ON;
    }

    /// Sets the context for what a process does from now on. The process's thread.
    ///
    /// @param carried the context that came with the message, or null
    static void enter(@Nullable Map<String, String> carried) {
        if (!ON) {
            return;
        }
        if (carried == null) {
            if (snapshot() != null) {
                MDC.clear();
            }
            return;
        }
        Context context = Context.get();
        if (carried != context.logCarried || carried != current()) {
            MDC.setContextMap(carried);
            context.logCarried = carried;
            context.logSnapshot = null;
        }
    }

    // Lent threads

    /// Returns the context of a thread that is about to run another process, for [#reclaim], and
    /// sets it for the message that the thread runs the process for.
    ///
    /// @param message what this thread has just made and sends; null if each turn enters a context
    static @Nullable Map<String, String> lend(@Nullable Object message) {
        if (CARRIES && message != null) {
            return MessageContext.log(
                    Envelope.context(message)); // the context is as it was when this was made
        }
        Map<String, String> mine = ON ? current() : null;
        if (mine != null && message != null) {
            MDC.clear();
        }
        return mine;
    }

    /// Restores what [#lend] has returned.
    static void reclaim(@Nullable Map<String, String> mine) {
        enter(mine);
    }

    // What the log library shows

    private static @Nullable Map<String, String> current() {
        Map<String, String> now = snapshot();
        return now == null ? null : asItTravels(now);
    }

    private static @Nullable Map<String, String> snapshot() {
        Map<String, String> now = LIBRARY.snapshot();
        return now == null || now.isEmpty() ? null : now;
    }

    private static Map<String, String> asItTravels(Map<String, String> now) {
        Context context = Context.get();
        Map<String, String> carried = context.logCarried;
        Map<String, String> before = context.logSnapshot;
        if (before != null && carried != null && LIBRARY.isSame(now, before)) {
            return carried;
        }
        Map<String, String> travels = carried != null && carried.equals(now) ? carried : now;
        context.logCarried = travels;
        context.logSnapshot = now;
        return travels;
    }
}
