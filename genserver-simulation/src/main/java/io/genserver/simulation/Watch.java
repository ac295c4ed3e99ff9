package io.genserver.simulation;

import org.jspecify.annotations.Nullable;

/// Watches what the other threads of a [Baton] do, while the control waits for it in a [TestTime].
/// A thread that waits for something else, or computes for long, is told to end: it is interrupted.
/// If that does not help, it loses the baton.
///
/// The control uses it, unless a method says otherwise.
final class Watch {

    /// How many looks a thread has for ending after it was interrupted: about 1 s.
    private static final int GRACE = 50;

    private final Baton baton;

    private final int lost; // of a wait; units: looks
    private final int busy; // of a computation; units: looks

    /// Whether the code was interrupted, because it could not go on. Written by the control, which
    /// does not always have the baton then, and by the thread that runs the code.
    private volatile boolean freed;

    private @Nullable Thread runner; // of the code; null at the end of the time
    private @Nullable Throwable problem; // why the code cannot go on
    private boolean stopping; // whether the holder was asked for the baton
    private boolean holderInterrupted; // since then
    private boolean shown; // whether the problem shows what the holder did since then
    private boolean freeing; // whether the code was interrupted and is to end now
    private boolean interruptedBefore; // whether the control was before it began to wait
    private boolean interrupted; // whether the control was since then
    private int progress;
    private int looks; // without progress
    private int waits; // the last of these looks, if they have seen a wait
    private int runs; // the last of these looks, if they have seen none

    /// @param lost after how many looks a waiting thread that makes no progress counts as lost
    /// @param busy after how many looks a thread does that makes none and does not wait
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
        runs = 0;
    }

    private void look() {
        Thread thread = baton.holderThread();
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
            boolean waiting = Outside.waits(thread);
            waits = waiting ? waits + 1 : 0;
            runs = waiting ? 0 : runs + 1;
            if (isTooLong()) {
                goOn(thread);
            }
        }
    }

    private boolean isTooLong() {
        if (stopping || freeing) {
            return looks == GRACE;
        }
        return runner == null ? looks == lost : waits == lost || runs == busy;
    }

    /// Does the next thing that may bring the baton back.
    private void goOn(Thread thread) {
        AssertionError why = Outside.error(thread, waits > 0 ? "waits" : "computes without an end");
        if (!stopping) {
            giveUp(why, thread);
            shown = problem == why;
            return;
        }
        if (!shown && problem != null) {
            problem.addSuppressed(why);
            shown = true;
        }
        if (holderInterrupted) {
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
        }
        stopping = true;
        shown = false;
        holderInterrupted = false;
        again();
        baton.stop(why);
        if (Outside.waits(thread)) {
            interrupt(thread);
        }
    }

    private void interrupt(Thread thread) {
        holderInterrupted = true;
        freed |= thread == runner;
        thread.interrupt();
    }
}
