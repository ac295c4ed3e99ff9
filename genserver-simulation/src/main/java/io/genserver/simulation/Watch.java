package io.genserver.simulation;

import org.jspecify.annotations.Nullable;

/// Watches what the other threads of a [Baton] do, while the control waits for it in a [TestTime].
/// A thread that waits for something else, or goes on and on after it was told to end, is
/// interrupted. If that does not help, it loses the baton.
///
/// The control uses it, unless a method says otherwise.
final class Watch {

    /// How many looks a thread has for ending after it was interrupted: about 1 s.
    private static final int GRACE = 50;

    private final Baton baton;

    private final int lost; // units: looks

    /// Whether the code was interrupted, because it could not go on. Written by the control, which
    /// does not always have the baton then, and by the thread that runs the code.
    private volatile boolean freed;

    private @Nullable Thread runner; // of the code; null at the end of the time
    private @Nullable Throwable problem; // why the code cannot go on
    private boolean stopping; // whether the holder was asked for the baton
    private boolean freeing; // whether the code was interrupted and is to end now
    private boolean interruptedBefore; // whether the control was before it began to wait
    private boolean interrupted; // whether the control was since then
    private int progress;
    private int looks; // without progress

    /// @param lost after how many looks a waiting thread that makes no progress counts as lost
    Watch(Baton baton, int lost) {
        this.baton = baton;
        this.lost = lost;
        baton.watchBy(this::look);
    }

    /// Begins to watch. Puts the control's interrupt flag aside until [#end]. Only an interrupt
    /// that comes after this call interrupts the code.
    ///
    /// @param thread the thread that runs the code; null at the end of the time, when each thread
    ///   is to end
    void begin(@Nullable Thread thread) {
        runner = thread;
        problem = null;
        stopping = false;
        freeing = false;
        interruptedBefore = Thread.interrupted();
        interrupted = false;
        again();
    }

    void end() {
        if (interruptedBefore || interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Returns why the code could not go on; null if it could.
    @Nullable Throwable problem() {
        return problem;
    }

    /// Finds out why the code did not end although the control has the baton, and expects it to end
    /// now, because it is interrupted.
    void free() {
        Throwable failed = baton.takeFailure();
        if (problem == null) {
            problem =
                    failed != null
                            ? failed
                            : new AssertionError(
                                    "expected the test to go on, got: a deadlock, because all wait"
                                            + " and no timer is armed: "
                                            + baton.deadlock());
        }
        freed = true;
        freeing = true;
        stopping = false;
        again();
    }

    /// Returns whether the code was interrupted since the last call, so that its thread may still
    /// have the flag. The thread that runs the code.
    boolean takeFreed() {
        boolean taken = freed;
        freed = false;
        return taken;
    }

    private void again() {
        progress = baton.progress();
        looks = 0;
    }

    private void look() {
        Thread thread = baton.holderThread();
        boolean ending = stopping || runner == null;
        boolean patient = Debugger.POSSIBLE && !stopping && !interrupted;
        if (Thread.interrupted()) {
            interrupted = true;
            if (runner != null) {
                giveUp(new AssertionError("the test was interrupted"), thread);
            }
        } else if (!freeing
                && (patient
                        || baton.progress() != progress
                        || !(ending || Outside.waits(thread)))) {
            again();
        } else if (++looks == (stopping || freeing ? GRACE : lost)) {
            AssertionError why =
                    Outside.error(thread, Outside.waits(thread) ? "waits" : "does something else");
            if (stopping) {
                baton.abandon(why);
            } else {
                giveUp(why, thread);
            }
        }
    }

    /// Asks for the baton, and interrupts its holder if that waits for something else.
    private void giveUp(Throwable why, Thread thread) {
        if (problem == null) {
            problem = why;
        }
        stopping = true;
        again();
        baton.stop(why);
        if (Outside.waits(thread)) {
            freed |= thread == runner;
            thread.interrupt();
        }
    }
}
