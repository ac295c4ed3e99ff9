package io.genserver.runtime;

import io.genserver.Action;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// How a server runs and ends. Most servers share one of a few constants.
///
/// @param thread which threads run its turns
/// @param hibernation when it hibernates by itself; null for never. Belongs to one server
/// @param terminatesOnExit whether an exit signal makes it run `terminate`
/// @param skipsAbandonedCalls whether it skips the calls whose callers have given up
/// @param idle what it does after a callback that asks for nothing: [Action#NONE] or a timeout
record RunMode(
        Where thread,
        @Nullable Hibernation hibernation,
        boolean terminatesOnExit,
        boolean skipsAbandonedCalls,
        Action idle) {

    /// Which threads run the turns.
    enum Where {
        /// Workers.
        SHARED,
        /// Its callers, and workers.
        CALLERS,
        /// A virtual thread of its own.
        VIRTUAL,
        /// A platform thread of its own.
        PLATFORM
    }

    /// Shows a server as hibernating once it has been idle for a time. Nothing else happens then,
    /// because a server that waits holds no more than one that hibernates.
    static final class Hibernation {
        private final long after; // units: ns

        /// When the server began to wait. Written by the owner, read by any thread.
        private volatile long since; // units: ns

        Hibernation(long after) {
            this.after = after;
        }

        void begin(long now) {
            since = now;
        }

        boolean isOver(long now) {
            return now - since >= after;
        }
    }

    /// The modes without a hibernation or an idle timeout, each of which is one object that servers
    /// share.
    private static final Map<RunMode, RunMode> SHARED = new ConcurrentHashMap<>();

    static RunMode of(
            Where thread,
            long hibernateAfter,
            boolean terminatesOnExit,
            boolean skipsAbandonedCalls) {
        boolean hibernates = hibernateAfter != TimeUnits.FOREVER;
        RunMode mode =
                new RunMode(
                        thread,
                        hibernates ? new Hibernation(hibernateAfter) : null,
                        terminatesOnExit,
                        skipsAbandonedCalls,
                        Action.NONE);
        return hibernates ? mode : SHARED.computeIfAbsent(mode, same -> same);
    }

    /// Returns the mode with an idle timeout.
    RunMode withIdle(Action timeout) {
        return new RunMode(thread, hibernation, terminatesOnExit, skipsAbandonedCalls, timeout);
    }

    boolean nonBlocking() {
        return thread == Where.CALLERS;
    }

    boolean hasOwnThread() {
        return thread == Where.VIRTUAL || thread == Where.PLATFORM;
    }
}
