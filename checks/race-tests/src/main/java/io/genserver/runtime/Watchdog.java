package io.genserver.runtime;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Ends a wait that nothing else has ended for two seconds, so that a lost wake-up is an outcome
/// and not a test that hangs.
final class Watchdog {

    private static final long PATIENCE = 2_000_000_000L; // units: ns

    /// One wait. Written by the thread that waits, `bitten` by the watchdog.
    static final class Wait {
        private final Thread thread = Thread.currentThread();
        private final Runnable end;
        private volatile boolean bitten;

        private Wait(Runnable end) {
            this.end = end;
        }
    }

    // Opaque accesses only: a fence here might hide the race that is tested.
    private static final AtomicReference<@Nullable Wait> WAIT = new AtomicReference<>();

    static {
        Thread.ofPlatform().daemon().name("watchdog").start(Watchdog::watch);
    }

    private Watchdog() {}

    /// Says that the current thread is going to wait.
    ///
    /// @param end ends the wait
    static Wait begin(Runnable end) {
        Wait wait = new Wait(end);
        WAIT.setOpaque(wait);
        return wait;
    }

    /// Says that the wait is over.
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
