package io.genserver.runtime;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps busy processes from starving everything outside.
///
/// The JDK's scheduler of virtual threads runs what its own threads have made ready before it looks
/// at what was submitted from outside. Processes that call each other in a loop on every core are
/// always ready, so a platform thread's call, a timer or a socket could wait for ever. The cure:
/// after [#BUDGET] messages a process parks and has a platform thread unpark it, which puts it at
/// the end of the queue for outside work, behind whatever waits there.
final class Fairness {

    /// How many messages a process handles between two breaks, a power of two.
    static final int BUDGET = 128;

    private static final Logger log = LoggerFactory.getLogger(Fairness.class);

    private final LinkedBlockingQueue<Break> breaks = new LinkedBlockingQueue<>();

    private static final class Break {
        final Thread thread = Thread.currentThread();
        volatile boolean over; // written by the unparking thread, read by the parked one
    }

    Fairness() {
        Thread.ofPlatform().daemon().name("genserver-fairness").start(this::endBreaks);
    }

    /// Called by a process's thread once a message.
    ///
    /// @param handled how many messages the process has handled
    void afterMessage(int handled) {
        if ((handled & BUDGET - 1) == 0) {
            takeBreak();
        }
    }

    /// Lets others go on, if this is a virtual thread.
    void takeBreak() {
        if (!Thread.currentThread().isVirtual()) {
            return;
        }
        Break mine = new Break();
        breaks.add(mine);
        boolean interrupted = false;
        while (!mine.over) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted(); // park would not wait with the flag set
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void endBreaks() {
        while (true) {
            try {
                Break next = breaks.take();
                next.over = true;
                LockSupport.unpark(next.thread);
            } catch (InterruptedException e) {
                log.debug("interrupted while no break was to be ended; going on", e);
            }
        }
    }
}
