package io.genserver.runtime;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finishes what a thread of the runtime has begun and could not finish, because its stack or the
/// memory ended: a process that is in no run queue although it has something to do, an owner that
/// was not unparked, a death that was not announced.
///
/// Such a thread sets `needed`, which needs no stack, and then asks for a look at all processes. If
/// even that fails, the next thread that calls [#check] asks for it. These threads call it:
///
/// - one that sends something to a process that seems to be at work,
/// - one that ends a server's turn or a spawned process,
/// - the timer thread in each tick, and in the sweep over servers that their callers run,
/// - one that fails next.
///
/// A look does everything again that may be missing. Each of these steps does no harm if it was
/// done before.
final class Healer {

    private static final Logger log = LoggerFactory.getLogger(Healer.class);

    /// How long to wait after a failure, so that there may be memory again. Units: ns
    private static final long DELAY = 10_000_000L;

    private final LocalNode node;
    private final SharedTimer timer;

    /// Whether a look is missing. Written and read by any thread.
    volatile boolean needed;

    Healer(LocalNode node) {
        this.node = node;
        this.timer =
                new SharedTimer(node.timers) {
                    @Override
                    boolean outlivesNode() {
                        return true;
                    }

                    @Override
                    void due() {
                        startLook();
                    }
                };
    }

    /// Has all processes looked at, because the current thread has failed. Any thread.
    ///
    /// @throws StackOverflowError if that was the failure, because it is the caller's own
    void healAfter(Throwable failed) {
        needed = true;
        check();
        if (failed instanceof StackOverflowError noStack) {
            throw noStack;
        }
        node.timers.report(
                () -> log.error("a process may have to wait for some milliseconds", failed));
    }

    /// Has all processes looked at if that is needed. Any thread.
    ///
    /// @throws StackOverflowError if this thread's stack ends
    void check() {
        if (needed) {
            try {
                timer.armUnlessArmed(DELAY);
            } catch (OutOfMemoryError noMemory) {
                Thread.onSpinWait(); // `needed` is still set, so the next call tries again
            }
        }
    }

    private void startLook() {
        try {
            Threads.startVirtual(this::look);
        } catch (Throwable noThread) {
            check(); // `needed` is still set
            throw noThread;
        }
    }

    private void look() {
        needed = false;
        try {
            node.processes.all().forEach(LocalProcess::heal);
        } catch (Throwable failed) {
            healAfter(failed);
        }
    }
}
