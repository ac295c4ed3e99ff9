package io.genserver.runtime;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Ends a wait that nothing else has ended for two seconds. A lost wake-up then becomes an outcome
/// instead of a test that hangs.
final class Watchdog {

    private static final long PATIENCE = 2_000_000_000L; // units: ns

    /// One wait. The waiting thread writes the fields, except that the watchdog writes `bitten`.
    static final class Wait {
        private final Thread thread = Thread.currentThread();
        private final Runnable end;
        private volatile boolean bitten;

        private Wait(Runnable end) {
            this.end = end;
        }
    }

    // Opaque accesses only, because a fence could hide the race under test.
    private static final AtomicReference<@Nullable Wait> WAIT = new AtomicReference<>();

    static {
        Thread.ofPlatform().daemon().name("watchdog").start(Watchdog::watch);
    }

    private Watchdog() {}

    /// Announces that the current thread is about to wait.
    ///
    /// @param end ends the wait
    static Wait begin(Runnable end) {
        Wait wait = new Wait(end);
        WAIT.setOpaque(wait);
        return wait;
    }

    /// Announces that the wait is over.
    ///
    /// @return whether the watchdog had to end it
    static boolean end(Wait wait) {
        WAIT.setOpaque(null);
        return wait.bitten;
    }

    private static void watch() {
        while (true) {
            Wait seen = WAIT.getOpaque();
            LockSupport.parkNanos(PATIENCE);
            if (seen != null && WAIT.getOpaque() == seen) {
                seen.bitten = true;
                seen.end.run();
                LockSupport.unpark(seen.thread);
            }
        }
    }
}
