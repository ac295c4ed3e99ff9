package io.genserver.runtime;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How a server runs and ends. Most servers share one of a few constants.
///
/// @param thread which threads run its turns
/// @param hibernation when it hibernates by itself; null for never. Belongs to one server
/// @param terminatesOnExit whether an exit signal makes it run `terminate`
record RunMode(Where thread, @Nullable Hibernation hibernation, boolean terminatesOnExit) {

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

    private static final Map<Where, RunMode> PLAIN = withoutHibernation(false);
    private static final Map<Where, RunMode> TERMINATING = withoutHibernation(true);

    private static Map<Where, RunMode> withoutHibernation(boolean terminatesOnExit) {
        Map<Where, RunMode> modes = new EnumMap<>(Where.class);
        for (Where thread : Where.values()) {
            modes.put(thread, new RunMode(thread, null, terminatesOnExit));
        }
        return modes;
    }

    static RunMode of(Where thread, long hibernateAfter, boolean terminatesOnExit) {
        return hibernateAfter == TimeUnits.FOREVER
                ? Objects.requireNonNull((terminatesOnExit ? TERMINATING : PLAIN).get(thread))
                : new RunMode(thread, new Hibernation(hibernateAfter), terminatesOnExit);
    }

    boolean nonBlocking() {
        return thread == Where.CALLERS;
    }

    boolean hasOwnThread() {
        return thread == Where.VIRTUAL || thread == Where.PLATFORM;
    }
}
