package io.genserver.runtime;

import org.jspecify.annotations.Nullable;

/// How a server runs. Most servers share one of two constants.
///
/// @param thread which threads run its turns
/// @param hibernation when it hibernates by itself; null for never. Belongs to one server
/// @param skipsAbandonedCalls whether it skips the calls whose callers have given up
record RunMode(Where thread, @Nullable Hibernation hibernation, boolean skipsAbandonedCalls) {

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

    private static final RunMode ORDINARY = new RunMode(Where.SHARED, null, false);
    private static final RunMode NON_BLOCKING = new RunMode(Where.CALLERS, null, false);

    static RunMode of(Where thread, long hibernateAfter, boolean skipsAbandonedCalls) {
        if (hibernateAfter != TimeUnits.FOREVER) {
            return new RunMode(thread, new Hibernation(hibernateAfter), skipsAbandonedCalls);
        }
        if (skipsAbandonedCalls) {
            return new RunMode(thread, null, true);
        }
        return switch (thread) {
            case SHARED -> ORDINARY;
            case CALLERS -> NON_BLOCKING;
            case VIRTUAL, PLATFORM -> new RunMode(thread, null, false);
        };
    }

    boolean nonBlocking() {
        return thread == Where.CALLERS;
    }

    boolean hasOwnThread() {
        return thread == Where.VIRTUAL || thread == Where.PLATFORM;
    }
}
