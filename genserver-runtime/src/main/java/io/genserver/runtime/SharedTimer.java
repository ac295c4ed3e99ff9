package io.genserver.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// A timer that any thread may arm, and that is armed only once at a time.
///
/// The mark that it is armed is a field and not an object of the JDK, because a thread whose stack
/// has ended has to take the mark back, and there is no stack left for a call.
abstract class SharedTimer extends TimerWheel.Entry {

    private static final VarHandle ARMED =
            Access.field(MethodHandles.lookup(), "armed", boolean.class);

    private final TimerWheel timers;

    /// Written by any thread. The thread that sets it arms the timer.
    private volatile boolean armed;

    SharedTimer(TimerWheel timers) {
        this.timers = timers;
    }

    /// Arms the timer unless it is armed. Any thread.
    ///
    /// What the thread has written before, [#due] sees: either this thread finds the timer
    /// disarmed, or the timer thread disarms it afterwards. Both accesses are volatile.
    ///
    /// @param after units: ns
    /// @throws Error if memory or stack end; the timer is not armed then, and the next call tries
    ///   again
    final void armUnlessArmed(long after) {
        if (!armed && ARMED.compareAndSet(this, false, true)) {
            try {
                timers.arm(this, timers.clock().nanoTime() + after);
            } catch (Throwable failed) {
                armed = false;
                throw failed;
            }
        }
    }

    @Override
    final void fire() {
        armed = false;
        due();
    }

    /// Called when the time has passed. The timer thread. It may arm the timer again.
    abstract void due();
}
