package io.genserver.runtime;

import io.genserver.spi.Machine;
import java.util.concurrent.locks.LockSupport;

/// The only source of time in the runtime. Timers and deadlines read it, and threads that wait for
/// a time wait through it, so that a [Machine] can supply its own.
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

    /// Returns the clock of a machine.
    static Clock of(Machine machine) {
        return new Clock() {
            @Override
            public long nanoTime() {
                return machine.nanoTime();
            }

            @Override
            public void park(Object blocker, long nanos) {
                machine.park(nanos);
            }

            @Override
            public long timerDue(long deadline) {
                return machine.timerDue(deadline);
            }
        };
    }

    /// Returns the current time. Units: ns from an arbitrary origin; compare by subtraction.
    long nanoTime();

    /// Waits until the time has passed or the thread is unparked. May also return for no reason.
    /// Units: ns
    void park(Object blocker, long nanos);

    /// Returns when a timer fires that is armed for a deadline. Units: ns
    default long timerDue(long deadline) {
        return deadline;
    }
}
