package io.genserver.runtime;

import java.util.concurrent.locks.LockSupport;

/// The one place time comes from: timers, deadlines and time-outs all read it, and the timer thread
/// waits through it, so that a test can put its own in its stead.
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

    /// Now. Units: ns, from an arbitrary origin; compare by subtraction.
    long nanoTime();

    /// Waits until the time has passed or the thread is unparked, or for no reason at all. Units:
    /// ns.
    void park(Object blocker, long nanos);
}
