package io.genserver.simulation;

import org.jspecify.annotations.Nullable;

/// Watches what the other threads of a [Baton] do, while the control waits for it in a [TestTime].
/// A thread that waits for something else, or makes no step for long, is interrupted. If that does
/// not help, it loses the baton.
///
/// The control uses it, unless a method says otherwise.
final class Watch {

    /// How many looks a thread has for ending after it was interrupted: about 1 s.
    private static final int GRACE = 50;

    private final Baton baton;

    private final int lost; // units: looks
    private final int busy; // units: looks

    /// Whether the code was interrupted, because it could not go on. Written by the control, which
    /// does not always have the baton then, and by the thread that runs the code.
    private volatile boolean freed;

    private @Nullable Thread runner; // of the code; null at the end of the time
    private @Nullable Throwable problem; // why the code cannot go on
    private boolean stopping; // whether the holder was asked for the baton
    private @Nullable Thread told; // the holder that was interrupted to get the baton
    private @Nullable Thread shown; // the holder whose stack the problem shows
    private boolean freeing; // whether the code was interrupted and is to end now
    private boolean interruptedBefore; // whether the control was before it began to wait
    private boolean interrupted; // whether the control was since then
    private int progress;
    private int looks; // in a row that saw no progress
    private int waits; // in a row that saw the holder wait for something else

    /// @param lost how many looks in a row may see a thread wait for something else
    /// @param busy how many looks in a row may see no progress
    Watch(Baton baton, int lost, int busy) {
        this.baton = baton;
        this.lost = lost;
        this.busy = busy;
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
        told = null;
        shown = null;
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
        waits = 0;
    }

    private void look() {
        Thread thread = baton.holderThread();
        if (thread == Thread.currentThread()) {
            return; // the baton has just come back
        }
        boolean patient = Debugger.POSSIBLE && !stopping && !interrupted;
        if (Thread.interrupted()) {
            interrupted = true;
            if (runner != null) {
                giveUp(new AssertionError("the test was interrupted"), thread);
            }
        } else if (!freeing && (patient || baton.progress() != progress)) {
            again();
        } else {
            looks++;
            waits = Outside.waits(thread) ? waits + 1 : 0;
            if (isTooLong()) {
                goOn(thread);
            }
        }
    }

    private boolean isTooLong() {
        if (stopping || freeing) {
            return looks == GRACE;
        }
        return runner == null ? looks == lost : waits == lost || looks == busy;
    }

    /// Does the next thing that may bring the baton back.
    private void goOn(Thread thread) {
        AssertionError why = Outside.error(thread, waits > 0 ? "waits" : "runs without a step");
        if (!stopping) {
            giveUp(why, thread);
            return;
        }
        if (shown != thread && problem != null) {
            problem.addSuppressed(why);
            shown = thread;
        }
        if (told == thread) {
            baton.abandon(why);
        } else {
            interrupt(thread);
            again();
        }
    }

    /// Asks for the baton, and interrupts its holder if that waits for something else. One that
    /// runs may still make a step.
    private void giveUp(Throwable why, Thread thread) {
        if (problem == null) {
            problem = why;
            shown = interrupted ? null : thread;
        }
        stopping = true;
        told = null;
        again();
        baton.stop(why);
        if (Outside.waits(thread)) {
            interrupt(thread);
        }
    }

    private void interrupt(Thread thread) {
        told = thread;
        freed |= thread == runner;
        thread.interrupt();
    }
}
