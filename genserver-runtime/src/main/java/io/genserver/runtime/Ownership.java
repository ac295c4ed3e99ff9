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

/// Decides which thread may run a process. This is the lowest layer of a [LocalProcess]. The layers
/// are superclasses rather than objects of their own, because an object would cost each of a
/// million processes 16 bytes.
///
/// ## The states
///
/// The *owner* is the one thread that may run the process. `run` holds the state:
///
/// - COLD: there is no owner and nothing to do.
/// - RUNNING: the owner is at work.
/// - PARKED: the owner waits between two messages.
/// - RECEIVING: the owner waits in the middle of the user's code.
/// - RETIRING: the owner is asked to leave, so that its thread can end.
///
/// A new process is RUNNING. Its creator passes it on to its first thread. A *waker* is a thread
/// that has put a message into the mailbox, has ended the process, or fires an alarm.
///
/// | from | to | by | method |
/// |---|---|---|---|
/// | COLD | RUNNING | a waker, which then starts a thread for the process | [#wake] |
/// | COLD | RUNNING | a thread that runs the process itself | [#claim] |
/// | RUNNING | PARKED, RECEIVING | the owner, when it finds no message | [#park] |
/// | PARKED, RECEIVING | RUNNING | a waker, which then unparks the owner | [#wake] |
/// | PARKED, RECEIVING | RUNNING | the owner, if it need not wait after all | [#park] |
/// | PARKED | RETIRING | the sweep, which then unparks the owner | [#retire] |
/// | RETIRING | RUNNING | a waker | [#wake] |
/// | RETIRING | COLD | the owner, whose thread then ends | [#park] |
/// | RUNNING | COLD | the owner, to hibernate or to return a lent thread | [#release] |
/// | RUNNING | COLD | the owner of a dead process, for good | [#releaseDead] |
/// | RUNNING | COLD | an owner that found no thread for the process | [#unclaim] |
/// | RUNNING | the state before | a waker that failed, see case 5 | [#wake] |
///
/// ## Who may touch what
///
/// | field | written by | read by |
/// |---|---|---|
/// | `run` | see above; COLD is left by compare-and-set only | any thread |
/// | `thread` | the owner, when it takes over and when it leaves | see below |
/// | `lent` | the owner | the thread that interrupts it, the timer thread |
/// | `interrupted` | the thread that interrupts the owner, the owner; guarded | the same |
/// | `handled` | the owner, plainly | any thread, to see whether the owner makes progress |
///
/// `thread` is read by a waker, after it has taken the process out of a waiting state. The thread
/// that interrupts the owner reads it guarded. Any thread reads it for reports.
///
/// The next owner sees what one owner wrote plainly, because ownership passes through `run` or
/// through the start of the next owner's thread.
///
/// ## Why no message is left lying
///
/// 1. A sender offers its message, then reads `run`. The owner writes PARKED, RECEIVING or COLD,
///    then looks into the mailbox. Both writes and both reads are volatile, so at least one of the
///    two threads sees the write of the other. Either the sender wakes the process, or the owner
///    continues. (Race tests: `MailboxWakeUp.Parking`, `Hibernating`, `ColdStart`)
/// 2. The sweep and a sender both take the process out of PARKED. One compare-and-set wins. If the
///    sweep wins, the sender takes the process out of RETIRING or, after the owner has left, out of
///    COLD. (`Retiring`)
/// 3. An alarm marks itself as fired, then wakes the process. It acts as the sender of case 1.
///    (`AlarmGoesOff`)
/// 4. A thread that ends the process writes the exit reason, then wakes the process. It acts as the
///    sender of case 1, and the owner also looks for the exit reason. (`Dying`)
/// 5. A sender takes the process to RUNNING. Then its stack or the memory runs out before the
///    process has a thread. The sender writes the previous state back, without a call. Another
///    sender may have seen RUNNING in between and relied on it, so a timer wakes the process once
///    more. If there is no stack even for the timer, the next message or the sweep wakes the
///    process.
///
/// ## Why an interrupt hits the right thread
///
/// A process that dies interrupts its owner, which may be running the user's code. The owner's
/// thread may have been lent to another process (see [Lending]) or may be about to leave this one.
///
/// 6. The owner writes `lent`, then claims the other process with a compare-and-set, then checks
///    whether it is dead itself. The thread that ends it writes the exit reason, then reads `lent`.
///    Either the owner sees its death, or the other thread sees `lent` and does not interrupt.
///    (`CallersTurn.CallAndKillOfCaller`)
/// 7. The owner leaves: it clears `thread`, then sees that the process is dead. The thread that
///    interrupts reads `thread` under the lock. Either it has already interrupted, and the owner
///    takes the interrupt back under the lock, or it finds no thread. (`CallersTurn.CallAndKill`)
abstract class Ownership {

    private static final Logger log = LoggerFactory.getLogger(Ownership.class);

    /// How long a process that could not get a thread waits for the next attempt. Units: ns
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

    /// The state, see the class.
    private volatile int run = RUNNING;

    /// The owner's thread; null while the process has none. See the class.
    private volatile @Nullable Thread thread;

    /// Whether the owner's thread runs a turn of another process. It must not be interrupted then.
    private volatile boolean lent;

    /// The owner that was interrupted because the process died; null if none was. Guarded.
    private @Nullable Thread interrupted;

    /// How many messages the process has handled.
    private int handled;

    Ownership(LocalNode node) {
        this.node = node;
    }

    /// Returns the process that this is the lowest layer of.
    abstract LocalProcess self();

    abstract boolean isDead();

    /// Finds a thread for the process, which the caller owns. Owner.
    ///
    /// @throws OutOfMemoryError if there is no memory for a thread, or there are too many
    abstract void startThread();

    /// Returns whether [#startThread] starts a thread at once. Any thread.
    boolean startsThread() {
        return true;
    }

    /// Drops what a dead process does not need, because other objects may keep the process. Owner.
    void forget() {}

    /// Empties the mailbox of the dead process. Any thread.
    abstract void drainDead();

    // Waking

    /// Makes the process run if it does not run yet. Called after something was put into its
    /// mailbox. Any thread.
    final void ensureRunning() {
        if (run != RUNNING) {
            wake();
        }
    }

    /// Makes the process run if it does not run yet. Any thread.
    ///
    /// @throws StackOverflowError if this thread's stack ends; the process is left as it was
    final void wake() {
        for (int seen = run; seen != RUNNING; seen = run) {
            if (seen != COLD || startsThread()) {
                StackRoom.require();
            }
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

    /// Passes the process on to a thread of its own. Owner. The current thread is no longer the
    /// owner afterwards.
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

    /// Has the timer thread wake a process that could not get a thread.
    ///
    /// @throws StackOverflowError if that was the failure, because it is the sender's own
    final void wakeLater(Throwable failed) {
        if (failed instanceof StackOverflowError noStack) {
            try {
                wakeIn(RETRY);
            } catch (StackOverflowError notEvenThat) {
                throw noStack; // the next message or the sweep wakes the process
            }
            throw noStack;
        }
        wakeIn(RETRY);
        node.timers.report(
                () -> log.error("no thread for {}, trying again in a while", self().pid, failed));
    }

    /// Has the timer thread wake the process.
    ///
    /// @param delay units: ns
    final void wakeIn(long delay) {
        node.timers.arm(new Alarm(), node.timers.clock().nanoTime() + delay);
    }

    /// Wakes the process at a deadline.
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

    // Claiming and releasing ownership

    /// Becomes the owner if there is none. Any thread.
    final boolean claim() {
        return run == COLD && RUN.compareAndSet(this, COLD, RUNNING);
    }

    /// Gives a claim back before the process has run. Needs no stack beyond its own frame. Owner.
    final void unclaim() {
        run = COLD;
    }

    /// Returns whether there is no owner. Any thread.
    final boolean isCold() {
        return run == COLD;
    }

    /// Makes the current thread the thread of the process. Called first on a new thread. Owner.
    final void takeOver() {
        thread = Thread.currentThread();
        Context.get().own(self());
    }

    /// Records that the current thread, which belongs to another process or to none, runs this
    /// process. Owner.
    final void borrowThread() {
        THREAD.setOpaque(this, Thread.currentThread());
    }

    /// Releases ownership if there is nothing to do. Owner.
    ///
    /// @return whether there is something to do, and this thread is still the owner
    final boolean release() {
        if (thread != null) {
            THREAD.setRelease(this, null); // the volatile write that follows is the fence
        }
        run = COLD;
        return reclaimIfBusy();
    }

    /// Looks into the mailbox of a process that this thread has just made COLD, and claims the
    /// process again if there is something to do.
    private boolean reclaimIfBusy() {
        if ((!mailbox.hasNew() && !isDead()) || !claim()) {
            return false;
        }
        thread = Thread.currentThread();
        return true;
    }

    /// Releases a dead process for good. Owner.
    final void releaseDead() {
        thread = null;
        run = COLD;
        drainDead();
    }

    /// Leaves a dead process for good on a thread that continues with other code. From then on a
    /// death does not interrupt the thread. Owner.
    final void detachThread() {
        synchronized (this) {
            thread = null;
        }
        Context.get().own(null);
        releaseDead();
    }

    // Lending the thread

    /// Records that the owner's thread is about to run another process. The fence is the
    /// compare-and-set that claims the other process afterwards; see case 6. Owner.
    final void lend() {
        LENT.setRelease(this, true);
    }

    /// Records that the owner's thread is back. The owner then has to check, after a fence, whether
    /// the process has died. Owner.
    final void reclaim() {
        LENT.setRelease(this, false);
    }

    // Waiting

    /// Waits until there may be something to do. Owner.
    ///
    /// @param how PARKED, or RECEIVING if the thread must not be taken away
    /// @param alarm what else ends the wait, or null
    /// @return false if the thread was taken away, so that it is no longer the owner
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
            borrowThread(); // for wakers; the next line publishes it
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

    /// Handles an interrupt of the parked thread. In the user's code it ends the wait, as in any
    /// blocking method, and the flag stays set. Between two messages the interrupt is left over
    /// from the user's code and is dropped.
    ///
    /// @return whether to stop waiting, because the process is dead
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

    /// Takes the thread away if the process waits between two messages. Any thread.
    final void retire() {
        if (RUN.compareAndSet(this, PARKED, RETIRING)) {
            LockSupport.unpark(thread);
        }
    }

    /// Returns whether the owner waits between two messages. Any thread.
    final boolean isParked() {
        return run == PARKED;
    }

    /// Counts a message that has been handled. Owner.
    final void countHandled() {
        handled++;
    }

    /// Returns how many messages the process has handled. Any thread, which may see an older
    /// number.
    final int handled() {
        return handled;
    }

    /// Takes a break after a message if one is due; see [Fairness]. Owner, on the process's own
    /// thread.
    final void beFair() {
        if (node.fairness.afterMessage(handled)) {
            node.fairness.takeBreak(Context.get().share);
        }
    }

    // Interrupting the owner

    /// Interrupts the owner of the dead process if it is running, and wakes it if it waits. Any
    /// thread.
    final void disturbOwner() {
        if (thread != Thread.currentThread()) { // equal if the process ended itself
            interruptOwner();
        }
        if (claim()) { // nobody else forgets what the process holds
            forget();
            releaseDead();
        } else {
            wake();
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

    /// Takes back the interrupt that this process's death has caused, because the thread continues
    /// with other code; see case 7. Called by the owner after it has left the process.
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

    /// Returns what the owner is executing, innermost first; empty if there is no owner. Any
    /// thread.
    final List<StackTraceElement> stack() {
        Thread owner = thread;
        return owner == null ? List.of() : List.of(owner.getStackTrace());
    }

    /// Returns whether the process computes on a virtual thread, rather than waiting or being
    /// blocked. Any thread.
    final boolean isComputing() {
        Thread owner = thread;
        return run == RUNNING
                && !lent
                && owner != null
                && owner.isVirtual()
                && owner.getState() == Thread.State.RUNNABLE;
    }

    /// Returns whether the process has an owner whose thread is not lent. Any thread.
    final boolean isInTurn() {
        return run != COLD && !lent && thread != null;
    }

    /// Returns what the process is doing. Any thread.
    final ProcessInfo.Status status() {
        return switch (run) {
            case COLD -> ProcessInfo.Status.HIBERNATING;
            case RUNNING -> ProcessInfo.Status.RUNNING;
            default -> ProcessInfo.Status.WAITING;
        };
    }
}
