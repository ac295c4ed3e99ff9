package io.genserver.runtime;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.ProcessInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which thread may run a process: the lowest layer of a [LocalProcess]. The layers are
/// superclasses and no objects of their own, because an object costs each of a million processes 16
/// bytes.
///
/// ## The states
///
/// The *owner* is the one thread that may run the process. `run` says whether there is one:
///
/// | from | to | by | method |
/// |---|---|---|---|
/// | COLD: no owner, nothing to do | RUNNING | a thread with a message for the process, which starts a thread for it | [#wake] |
/// | COLD | RUNNING | a thread that runs the process itself | [#claim] |
/// | RUNNING: the owner is at work | PARKED | the owner, when there is no message | [#park] |
/// | RUNNING | RECEIVING | the owner, when it waits in the middle of the user's code | [#park] |
/// | PARKED, RECEIVING | RUNNING | a thread with a message for the process, which unparks the owner | [#wake] |
/// | PARKED | RETIRING | the sweep, which unparks the owner | [#retire] |
/// | RETIRING | RUNNING | a thread with a message for the process | [#wake] |
/// | RETIRING | COLD | the owner, whose thread then ends | [#park] |
/// | RUNNING | COLD | the owner that hibernates, or that ran the process on a lent thread | [#release] |
/// | RUNNING | COLD | the owner of a dead process, for good | [#releaseDead] |
/// | RUNNING | COLD or the state before | the thread whose attempt to wake the process failed | [#wake] |
///
/// ## Who may touch what
///
/// | field | written by | read by |
/// |---|---|---|
/// | `run` | see above; a new owner always comes in by compare-and-set | any thread |
/// | `thread` | the owner when it takes over and when it leaves | threads that wake it, after they saw it wait; guarded, the thread that interrupts it |
/// | `lent` | the owner | the thread that interrupts it |
/// | `interrupted` | the thread that interrupts the owner, and the owner; guarded | the same |
/// | `handled` | the owner, plainly | any thread, to see whether the owner stands still |
///
/// What one owner wrote plainly the next owner sees, because ownership passes through `run`.
///
/// ## Why no message is left lying
///
/// 1. A sender offers its message, then reads `run`. The owner writes PARKED or COLD, then looks
///    into the mailbox. Both writes and both reads are volatile, so one of the two sees the other:
///    the sender wakes the process, or the owner goes on. (Race tests: `MailboxWakeUp.Parking`,
///    `Hibernating`, `ColdStart`)
/// 2. The sweep and a sender both take the process out of PARKED. One compare-and-set wins. If the
///    sweep wins, the sender takes it out of RETIRING or, after the owner has left, out of COLD.
///    (`Retiring`)
/// 3. An alarm marks itself as fired, then wakes. It is the sender of case 1. (`AlarmGoesOff`)
/// 4. A thread that ends the process writes the exit reason, then wakes. It is the sender of case
///    1, and the owner looks for the exit reason as well. (`Dying`)
/// 5. A sender takes the process to RUNNING, and then its stack or the memory ends before the
///    process has a thread. The sender writes the state before back, without a call. Another sender
///    may have seen RUNNING in between and relied on it, so a timer wakes the process once more. If
///    there is no stack even for the timer, the next message wakes the process, or the sweep does.
///
/// ## Why an interrupt hits the right thread
///
/// A process that dies interrupts its owner, which may be running the user's code. The owner's
/// thread may have been lent to another process (see [Lending]) or may be about to leave this one.
///
/// 6. The owner writes `lent`, then claims the other process with a compare-and-set, then looks
///    whether it is dead itself. The thread that ends it writes the exit reason, then reads `lent`.
///    Either the owner sees its death, or the other thread sees `lent` and does not interrupt.
///    (`CallersTurn.CallAndKillOfCaller`)
/// 7. The owner leaves: it clears `thread`, then sees that the process is dead. The thread that
///    interrupts reads `thread` under the lock. Either it has interrupted before, and the owner
///    takes the interrupt back under the lock, or it finds no thread. (`CallersTurn.CallAndKill`)
abstract class Ownership {

    private static final Logger log = LoggerFactory.getLogger(Ownership.class);

    /// How long a process without a thread waits for the next attempt. Units: ns
    private static final long RETRY = 100_000_000L;

    static final int COLD = 0;
    static final int RUNNING = 1;
    static final int PARKED = 2;
    static final int RETIRING = 3;
    static final int RECEIVING = 4;

    private static final VarHandle RUN = Access.field(MethodHandles.lookup(), "run", int.class);
    private static final VarHandle THREAD =
            Access.field(MethodHandles.lookup(), "thread", Thread.class);
    private static final VarHandle LENT =
            Access.field(MethodHandles.lookup(), "lent", boolean.class);

    final LocalNode node;
    final Mailbox mailbox = new Mailbox();

    /// See the class.
    private volatile int run = RUNNING;

    /// The owner's thread; null while the process has none. See the class.
    private volatile @Nullable Thread thread;

    /// Whether the owner's thread runs a turn of another process, so that it must not be
    /// interrupted.
    private volatile boolean lent;

    /// The owner that was interrupted because the process died. Guarded.
    private @Nullable Thread interrupted;

    /// How many messages it has handled.
    private int handled;

    Ownership(LocalNode node) {
        this.node = node;
    }

    /// The whole process.
    abstract LocalProcess self();

    abstract boolean isDead();

    /// Finds a thread for the process, which the caller has just taken from COLD to RUNNING.
    ///
    /// @throws OutOfMemoryError if there is no memory for a thread, or there are too many
    abstract void startThread();

    /// Empties the mailbox of the dead process. Any thread.
    abstract void drainDead();

    // Waking

    /// Makes the process run if it does not, after something was put into its mailbox. Any thread.
    final void ensureRunning() {
        if (run != RUNNING) {
            wake();
        }
    }

    /// Makes the process run if it does not. Any thread.
    ///
    /// @throws StackOverflowError if this thread's stack ends; the process is left as it was
    final void wake() {
        for (int seen = run; seen != RUNNING; seen = run) {
            StackRoom.require();
            if (RUN.compareAndSet(this, seen, RUNNING)) {
                try {
                    if (seen == COLD) {
                        startOrRelease();
                    } else {
                        node.fairness.unpark(thread);
                    }
                } catch (Throwable failed) {
                    run = seen; // no call, because there may be no stack left for one; case 5
                    wakeLater(failed);
                }
                return;
            }
        }
    }

    /// Has the process run by a thread of its own. Owner, which is not one any more afterwards.
    final void handOver() {
        thread = null;
        try {
            startOrRelease();
        } catch (Throwable failed) {
            unclaim();
            wakeLater(failed);
        }
    }

    private void startOrRelease() {
        if (isDead()) {
            releaseDead();
        } else {
            startThread();
        }
    }

    /// Has the timer thread wake a process that has no thread because of a failure.
    ///
    /// @throws StackOverflowError if that was the failure, because it is the sender's own
    final void wakeLater(Throwable failed) {
        if (failed instanceof StackOverflowError noStack) {
            try {
                wakeIn(RETRY);
            } catch (StackOverflowError notEvenThat) {
                throw noStack; // the next message wakes the process, or the sweep
            }
            throw noStack;
        }
        wakeIn(RETRY);
        log.error("no thread for {}, trying again in a while", self().pid, failed);
    }

    /// Has the timer thread wake the process.
    ///
    /// @param delay units: ns
    final void wakeIn(long delay) {
        node.timers.arm(new Alarm(), node.timers.clock().nanoTime() + delay);
    }

    /// Ends a wait.
    final class Alarm extends TimerWheel.Entry {
        private volatile boolean fired; // written by the timer thread, read by the owner

        boolean hasFired() {
            return fired;
        }

        @Override
        void fire() {
            fired = true;
            wake();
        }
    }

    // Becoming and ceasing to be the owner

    /// Becomes the owner if there is none. Any thread.
    final boolean claim() {
        return run == COLD && RUN.compareAndSet(this, COLD, RUNNING);
    }

    /// Gives a claim back before the process has run. It needs no stack beyond its own frame.
    /// Owner.
    final void unclaim() {
        run = COLD;
    }

    /// Whether there is no owner. Any thread.
    final boolean isCold() {
        return run == COLD;
    }

    /// Makes the current thread that of the process. Owner, first thing on a new thread.
    final void takeOver() {
        thread = Thread.currentThread();
        Context.get().own(self());
    }

    /// Says that the current thread, which is another's, runs the process. Owner.
    final void borrowThread() {
        THREAD.setOpaque(this, Thread.currentThread());
    }

    /// Ceases to be the owner if there is nothing to do. Owner.
    ///
    /// @return whether there is something to do, and this thread still is the owner
    final boolean release() {
        if (thread != null) {
            THREAD.setRelease(this, null); // the volatile write that follows is the fence
        }
        run = COLD;
        return reclaimIfBusy();
    }

    /// Looks into the mailbox of a process that this thread has just made cold.
    private boolean reclaimIfBusy() {
        if ((!mailbox.hasNew() && !isDead()) || !claim()) {
            return false;
        }
        thread = Thread.currentThread();
        return true;
    }

    /// Ceases to be the owner of a dead process, for good. Owner.
    final void releaseDead() {
        thread = null;
        run = COLD;
        drainDead();
    }

    /// Leaves a process for good, whose thread goes on with other code. From now on a death does
    /// not interrupt the thread. Owner.
    final void detachThread() {
        synchronized (this) {
            thread = null;
        }
        Context.get().own(null);
        releaseDead();
    }

    // Lending the thread

    /// Says that the owner's thread is about to run another process. The compare-and-set that
    /// claims the other process follows and is the fence; case 6. Owner.
    final void lend() {
        LENT.setRelease(this, true);
    }

    /// The owner's thread is back. After a fence, the owner has to look whether the process has
    /// died. Owner.
    final void reclaim() {
        LENT.setRelease(this, false);
    }

    // Waiting

    /// Waits until there may be something to do. Owner.
    ///
    /// @param how PARKED, or RECEIVING if the thread must not be taken away
    /// @param alarm what else ends the wait, or null
    /// @return false if the thread was taken away, so that it is not the owner any more
    final boolean park(int how, @Nullable Alarm alarm) {
        AdaptiveSpin spin = Context.get().mailSpin();
        if (spin.spinUntil(() -> !mailbox.isEmpty())) {
            return true;
        }
        if (!spin.wantsMeasurement()) {
            return parkNow(how, alarm);
        }
        long start = node.timers.clock().nanoTime();
        boolean mine = parkNow(how, alarm);
        spin.measured(node.timers.clock().nanoTime() - start);
        return mine;
    }

    private boolean parkNow(int how, @Nullable Alarm alarm) {
        if (thread == null) {
            borrowThread(); // for those who wake it; the next line publishes it
        }
        run = how;
        if (mailbox.hasNew() || isDead() || (alarm != null && alarm.fired)) {
            RUN.compareAndSet(this, how, RUNNING);
        }
        while (true) {
            int seen = run;
            if (seen == RUNNING) {
                return true;
            }
            if (seen == RETIRING) {
                thread = null; // a cold process must not hold on to it
                if (RUN.compareAndSet(this, RETIRING, COLD)) {
                    return reclaimIfBusy();
                }
                thread = Thread.currentThread();
            } else {
                LockSupport.park(this);
                if (Thread.currentThread().isInterrupted() && run == how && endsWait(how)) {
                    wake();
                }
            }
        }
    }

    /// The thread was interrupted while it was parked. In the user's code that ends the wait, as in
    /// any blocking method, and leaves the flag set. Between two messages it is left over from the
    /// user's code, and is forgotten.
    ///
    /// @return whether to stop waiting
    /// @throws ExitException if the process lives and was waiting in the user's code
    private boolean endsWait(int how) {
        if (how == PARKED) {
            Thread.interrupted();
        } else if (!isDead() && !Context.get().putOffInterrupt()) {
            wake();
            throw new ExitException(ExitReason.INTERRUPTED);
        }
        return isDead();
    }

    /// Takes the thread away if the process is waiting for a message. Any thread.
    final void retire() {
        if (RUN.compareAndSet(this, PARKED, RETIRING)) {
            LockSupport.unpark(thread);
        }
    }

    /// Whether it waits between two messages. Any thread.
    final boolean isParked() {
        return run == PARKED;
    }

    /// Counts a message that has been handled. Owner.
    final void countHandled() {
        handled++;
    }

    /// How many messages it has handled. Any thread, which may see an older number.
    final int handled() {
        return handled;
    }

    /// Lets others go on after a message if it is time to. Owner, on a thread of the process's own.
    final void beFair() {
        if (node.fairness.afterMessage(handled)) {
            node.fairness.takeBreak(Context.get().share);
        }
    }

    // Interrupting the owner

    /// Interrupts the owner of the dead process if it is running, and wakes it if it waits. Any
    /// thread.
    final void disturbOwner() {
        if (thread != Thread.currentThread()) { // as it is if the process has ended by itself
            interruptOwner();
        }
        if (run != COLD) {
            wake();
        } else {
            drainDead();
        }
    }

    private synchronized void interruptOwner() {
        Thread owner = thread;
        if (run == RUNNING && !lent && owner != null && owner != Thread.currentThread()) {
            interrupted = owner;
            owner.interrupt();
        }
    }

    /// Takes back the interrupt that the death of this process has caused, because the thread goes
    /// on with another's code; case 7. Owner, which has left the process.
    final void settleInterrupt() {
        synchronized (this) {
            if (interrupted != Thread.currentThread()) {
                return;
            }
            interrupted = null;
        }
        Thread.interrupted();
    }

    // For people

    /// What the owner is executing, innermost first; empty if there is no owner. Any thread.
    final List<StackTraceElement> stack() {
        Thread owner = thread;
        return owner == null ? List.of() : List.of(owner.getStackTrace());
    }

    /// Whether it is running code on a virtual thread, and not waiting in it. Any thread.
    final boolean isComputing() {
        Thread owner = thread;
        return run == RUNNING
                && !lent
                && owner != null
                && owner.isVirtual()
                && owner.getState() == Thread.State.RUNNABLE;
    }

    /// Whether a thread runs it. Any thread.
    final boolean isInTurn() {
        return run != COLD && !lent && thread != null;
    }

    /// What the process is doing. Any thread.
    final ProcessInfo.Status status() {
        return switch (run) {
            case COLD -> ProcessInfo.Status.HIBERNATING;
            case RUNNING -> ProcessInfo.Status.RUNNING;
            default -> ProcessInfo.Status.WAITING;
        };
    }
}
