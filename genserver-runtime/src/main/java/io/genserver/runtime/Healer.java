package io.genserver.runtime;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finishes what a thread of the runtime has begun and could not finish, because its stack or the
/// memory ended: a process that is in no run queue although it has something to do, an owner that
/// was not unparked, a death that was not announced.
///
/// Such a thread sets `needed`, which needs no stack, and then asks for a look at all processes. If
/// even that fails, the next thread that passes one of the places that call [#check] asks for it:
/// the end of any server's turn, the end of a spawned process, a tick, the next failure, and the
/// sweep over servers that their callers run. A look does everything again that may be missing.
/// Each of these steps does no harm if it was done before.
final class Healer {

    private static final Logger log = LoggerFactory.getLogger(Healer.class);

    /// How long to wait after a failure, so that there may be memory again. Units: ns
    private static final long DELAY = 10_000_000L;

    private final LocalNode node;
    private final AtomicBoolean armed = new AtomicBoolean();

    /// Whether a look is missing. Written and read by any thread.
    volatile boolean needed;

    Healer(LocalNode node) {
        this.node = node;
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
    void check() {
        if (needed && armed.compareAndSet(false, true)) {
            try {
                node.timers.arm(new Look(), node.timers.clock().nanoTime() + DELAY);
            } catch (OutOfMemoryError noMemory) {
                armed.set(false); // `needed` is still set, so the next call tries again
            } catch (Throwable noStack) {
                armed.set(false);
                throw noStack;
            }
        }
    }

    private final class Look extends TimerWheel.Entry {
        @Override
        boolean outlivesNode() {
            return true;
        }

        @Override
        void fire() {
            armed.set(false);
            try {
                Threads.startVirtual(Healer.this::look);
            } catch (Throwable noThread) {
                check(); // `needed` is still set
                throw noThread;
            }
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
