package io.genserver.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
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
/// done before. What belongs to no process, such as the future of a call, is a [Step] of its own.
final class Healer {

    private static final Logger log = LoggerFactory.getLogger(Healer.class);

    /// How long to wait after a failure, so that there may be memory again. Units: ns
    private static final long DELAY = 10_000_000L;

    private static final VarHandle FIRST =
            Access.field(MethodHandles.lookup(), "first", Step.class);

    /// Something that has to be done once, and that memory may end for.
    abstract static class Step {
        /// The next step in the healer's list. Written by the thread that has the step: the one
        /// that adds it to the list, or the one that has taken it out.
        private @Nullable Step next;

        /// Does it.
        ///
        /// @throws OutOfMemoryError if there is no memory for it; nothing has happened then
        abstract void take();
    }

    private final LocalNode node;
    private final SharedTimer timer;

    /// Whether a look is missing. Written and read by any thread.
    volatile boolean needed;

    /// The steps that have failed, the last one first. Linked through themselves, because there may
    /// be no memory for a list. Written by any thread: added by compare-and-set, taken all at once.
    @SuppressWarnings("UnusedVariable") // read through the handle
    private volatile @Nullable Step first;

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
        try {
            node.timers.report(
                    () -> log.error("a process may have to wait for some milliseconds", failed));
        } catch (Throwable noMemory) { // the report is lost; who called this can go on
            Thread.onSpinWait();
        }
    }

    /// Does a step again, because memory has ended in it. Any thread that has the stack for it.
    void again(Step step, Throwable failed) {
        add(step);
        healAfter(failed);
    }

    /// Does a step a moment later, on a thread with a whole stack. Any thread.
    void later(Step step) {
        add(step);
        check();
    }

    /// Does a step at once, or as soon as there is memory for it. Any thread that has the stack for
    /// it. Called once for each step, because the list has one place for it.
    void surely(Step step) {
        try {
            step.take();
        } catch (Throwable failed) {
            again(step, failed);
        }
    }

    private void add(Step step) {
        Step before;
        do {
            before = first;
            step.next = before;
        } while (!FIRST.compareAndSet(this, before, step));
        needed = true;
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
            // A platform thread, because all carrier threads may be held up, see MemoryWatch.
            Threads.startDaemon(null, "genserver-healer", this::look);
        } catch (Throwable noThread) {
            check(); // `needed` is still set
            throw noThread;
        }
    }

    /// Does everything again that may be missing. A platform thread that no process runs on.
    void look() {
        needed = false;
        try {
            takeSteps();
            node.processes.all().forEach(LocalProcess::heal);
            node.workers.unparkAll();
        } catch (Throwable failed) {
            healAfter(failed);
        }
    }

    private void takeSteps() {
        Step step = (Step) FIRST.getAndSet(this, null);
        Throwable failed = null;
        while (step != null) {
            Step following = step.next;
            try {
                step.take();
            } catch (Throwable thrown) {
                add(step);
                failed = thrown;
            }
            step = following;
        }
        if (failed != null) {
            healAfter(failed);
        }
    }
}
