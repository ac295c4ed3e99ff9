package io.genserver.runtime;

import java.util.concurrent.locks.LockSupport;

/// The only source of time in the runtime. Timers and deadlines read it, and the timer thread waits
/// through it, so that a test can supply its own.
interface Clock {

    /// The machine's clock.
    Clock SYSTEM =
            new Clock() {
                @Override
                public long nanoTime() {
                    return System.nanoTime();
                }

                @Override
                public void park(Object blocker, long nanos) {
                    LockSupport.parkNanos(blocker, nanos);
                }
            };

    /// Returns the current time. Units: ns from an arbitrary origin; compare by subtraction.
    long nanoTime();

    /// Waits until the time has passed or the thread is unparked. May also return for no reason.
    /// Units: ns
    void park(Object blocker, long nanos);
}
