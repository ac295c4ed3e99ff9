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

/// Which thread runs a process: the lowest layer of a [LocalProcess].
///
/// Words for memory accesses, used in the whole package: *plain* is an ordinary field access;
/// *volatile* is a volatile read or write, all of which have one total order; *owner* is the one
/// thread that may run the process at a moment, as told by `run`; *guarded* means under
/// `synchronized (this)`.
///
/// `run` says who owns the process. Ownership passes only by a compare-and-set of `run`, so what
/// one owner wrote plainly the next one sees.
///
/// | from | to | by |
/// |---|---|---|
/// | COLD: no thread, nothing to do | RUNNING | whoever has a message for it; it starts a thread, the owner, or is the owner itself, see [CallerRuns] |
/// | RUNNING: the owner is at work | PARKED | the owner, when the mailbox is empty |
/// | PARKED: the owner waits | RUNNING | whoever has a message for it, or a reason to wake it; it unparks the owner |
/// | RUNNING | RECEIVING | the owner, when it waits in the middle of the user's code |
/// | RECEIVING | RUNNING | as PARKED; but it is never retired, for its stack is needed |
/// | PARKED | RETIRING | the sweep that takes threads from idle processes; it unparks the owner |
/// | RETIRING | RUNNING | whoever has a message for it |
/// | RETIRING | COLD | the owner, whose thread then ends |
/// | RUNNING | COLD | the owner that hibernates, or that ran it on a borrowed thread |
///
/// A sender first offers its message, then reads `run`; an owner first writes PARKED (or COLD),
/// then looks into the mailbox again. The offer is a volatile compare-and-set and all the rest is
/// volatile, so either the sender sees that it must wake the owner, or the owner sees the message.
abstract class Ownership {

    private static final Logger log = LoggerFactory.getLogger(Ownership.class);
    private static final long RETRY = 100_000_000L; // units: ns

    static final int COLD = 0;
    static final int RUNNING = 1;
    static final int PARKED = 2;
    static final int RETIRING = 3;
    static final int RECEIVING = 4;

    private static final VarHandle RUN;
    private static final VarHandle THREAD;
    private static final VarHandle LENT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            RUN = lookup.findVarHandle(Ownership.class, "run", int.class);
            THREAD = lookup.findVarHandle(Ownership.class, "thread", Thread.class);
            LENT = lookup.findVarHandle(Ownership.class, "lent", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final LocalRuntime runtime;
    final Mailbox mailbox = new Mailbox();

    /// See the class. Written outside it only where there may be no stack left for a call.
    volatile int run = RUNNING;

    /// The owner's thread; null where there is none. Written by the owner when it takes over and
    /// when it leaves; read by those who unpark (after they saw PARKED) and, guarded, by the one
    /// who interrupts.
    private volatile @Nullable Thread thread;

    /// Whether the owner's thread is running a turn of another process meanwhile, so that it must
    /// not be interrupted. Owner; read by whoever interrupts.
    private volatile boolean lent;

    /// The owner that has been interrupted because the process died. Guarded.
    private @Nullable Thread interrupted;

    /// How many messages it has handled. Owner; others read it to see whether it stands still.
    int handled;

    /// `handled` at the last sweep, and whether the sweep has the process on its list. See
    /// [IdleSweep].
    int handledAtSweep;

    volatile boolean swept;

    /// Whether it has been reported for a turn that was too long. The timer thread.
    boolean longTurnReported;

    Ownership(LocalRuntime runtime) {
        this.runtime = runtime;
    }

    /// The whole process.
    abstract LocalProcess self();

    /// The thread that runs the process without having written itself into `thread`; null if there
    /// is none.
    abstract @Nullable Thread borrowed();

    abstract boolean isDead();

    /// Starts a thread for a cold process, which the caller has just taken from COLD to RUNNING.
    abstract void startThread();

    /// Empties the mailbox of a dead process and leaves it cold. Owner, last thing.
    abstract void bury();

    /// Makes the process run if it does not, after something was put into its mailbox. Any thread.
    final void ensureRunning() {
        if (run != RUNNING) {
            wake();
        }
    }

    /// Makes the process run, if it does not. Any thread.
    final void wake() {
        for (int seen = run; seen != RUNNING; seen = run) {
            if (RUN.compareAndSet(this, seen, RUNNING)) {
                if (seen == COLD) {
                    warmUp();
                } else {
                    runtime.fairness.unpark(thread);
                }
                return;
            }
        }
    }

    /// Takes the process if it is cold. Any thread, which then is the owner.
    final boolean claim() {
        return run == COLD && RUN.compareAndSet(this, COLD, RUNNING);
    }

    /// Whether nobody runs it. Any thread.
    final boolean isCold() {
        return run == COLD;
    }

    /// Leaves a process that has something to do to a thread of its own. Owner.
    final void handOver() {
        thread = null;
        warmUp();
    }

    /// Finds a thread for what was cold until now. Owner, as long as there is no other.
    private void warmUp() {
        if (isDead()) {
            bury();
            return;
        }
        try {
            startThread();
        } catch (Throwable noThread) { // out of memory or threads: the message waits, and so do we
            tryLater(noThread);
        }
    }

    /// Leaves a process without a thread for a while. Owner.
    final void tryLater(Throwable noThread) {
        log.error("no thread for a process; trying again in a while", noThread);
        run = COLD;
        wakeIn(RETRY);
    }

    /// Has the timer thread make a cold process run.
    ///
    /// @param delay units: ns
    final void wakeIn(long delay) {
        runtime.timers.arm(new Alarm(), runtime.timers.clock().nanoTime() + delay);
    }

    /// Gives the current thread the process. Owner, first thing on a new thread.
    final void takeOver() {
        thread = Thread.currentThread();
        Context.get().own(self());
    }

    /// Runs the process on the current thread, which is running another, too. Owner, who does not
    /// care whether a death that comes at this very moment interrupts it.
    final void borrowThread() {
        THREAD.setOpaque(this, Thread.currentThread());
    }

    /// Says that the owner's thread is about to run another process. What follows is a claim, a
    /// compare-and-set that orders this write before the owner's next look whether it is dead:
    /// either it sees its death, or whoever interrupts it sees this. Owner.
    final void lend() {
        LENT.setRelease(this, true);
    }

    /// The owner's thread is back. After a fence, which follows, it has to see for itself whether
    /// it died meanwhile. Owner.
    final void takeBack() {
        LENT.setRelease(this, false);
    }

    /// Waits until there may be something to do. Owner.
    ///
    /// @param how PARKED, or RECEIVING to be sure not to be retired
    /// @param alarm what else wakes it, or null
    /// @return false if the process has been retired: then this thread owns it no longer
    final boolean park(int how, @Nullable Alarm alarm) {
        Spin spin = Context.get().mailSpin();
        if (look(spin)) {
            return true;
        }
        if (!spin.measures()) {
            return parkNow(how, alarm);
        }
        long start = runtime.timers.clock().nanoTime();
        boolean mine = parkNow(how, alarm);
        spin.measured(runtime.timers.clock().nanoTime() - start);
        return mine;
    }

    private boolean parkNow(int how, @Nullable Alarm alarm) {
        if (thread == null) {
            borrowThread(); // for those who wake it; the next line publishes it
        }
        run = how;
        if (!mailbox.nothingNew() || isDead() || (alarm != null && alarm.fired)) {
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
                    return keepsBusy();
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

    /// Looks for a message for a moment, without saying so: senders need not wake it.
    private boolean look(Spin spin) {
        int looks = spin.looks();
        for (int i = 0; i < looks; i++) {
            if (!mailbox.nothingNew()) {
                spin.found();
                return true;
            }
            Thread.onSpinWait();
        }
        if (looks > 0) {
            spin.inVain();
        }
        return false;
    }

    /// Looks once more into the mailbox of a process this thread has just made cold.
    ///
    /// @return true if there is something to do and this thread owns the process again
    private boolean keepsBusy() {
        boolean idle = mailbox.nothingNew() && !isDead();
        if (idle || !RUN.compareAndSet(this, COLD, RUNNING)) {
            return false;
        }
        thread = Thread.currentThread();
        return true;
    }

    /// The thread was interrupted while it was parked. In the user's code that ends the wait, as in
    /// any blocking method, with the flag left set; between two messages it is a leftover of the
    /// user's code, and is forgotten.
    ///
    /// @return whether to stop parking
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

    /// Gives the thread back if there is nothing to do. Owner.
    ///
    /// @return false if this thread owns the process no longer
    final boolean goCold() {
        if (thread != null) {
            THREAD.setRelease(this, null); // the next line has the fence
        }
        run = COLD;
        return keepsBusy();
    }

    /// Takes the thread from a process that waits. Any thread.
    final void retire() {
        if (RUN.compareAndSet(this, PARKED, RETIRING)) {
            LockSupport.unpark(thread);
        }
    }

    final int runState() {
        return run;
    }

    /// Ends a wait. As with a message, it first leaves its mark, then looks whether it must wake
    /// the owner; the owner first says that it waits, then looks for the mark.
    final class Alarm extends TimerWheel.Entry {
        private volatile boolean fired;

        boolean hasFired() {
            return fired;
        }

        @Override
        void fire() {
            fired = true;
            wake();
        }
    }

    /// Leaves a dead process, whose mailbox is empty, cold.
    ///
    /// @return true if something has come in meanwhile, and this thread owns the process again
    final boolean leave() {
        thread = null;
        run = COLD;
        return !mailbox.nothingNew() && RUN.compareAndSet(this, COLD, RUNNING);
    }

    /// Interrupts the owner of a dead process if it is running it, and wakes it if it waits. Any
    /// thread.
    final void disturbOwner() {
        if (thread != Thread.currentThread()) { // as it is if the process has ended by itself
            interruptOwner();
        }
        if (run != COLD || !mailbox.nothingNew()) {
            wake();
        }
    }

    private synchronized void interruptOwner() {
        Thread owner = owner();
        if (run == RUNNING && !lent && owner != null && owner != Thread.currentThread()) {
            interrupted = owner;
            owner.interrupt();
        }
    }

    /// Takes back the interrupt that the death of this process has caused, for the thread goes on
    /// with another's code. It has left the process before: it wrote that it is not its thread any
    /// more, and then saw that it is dead; so whoever interrupts either has done so, guarded, or
    /// finds no thread.
    final void settleInterrupt() {
        synchronized (this) {
            if (interrupted != Thread.currentThread()) {
                return;
            }
            interrupted = null;
        }
        Thread.interrupted();
    }

    /// The thread leaves the process for good; from now on a death does not interrupt it. Owner.
    final void detachThread() {
        synchronized (this) {
            thread = null;
        }
        Context.get().own(null);
        bury();
    }

    private @Nullable Thread owner() {
        Thread own = thread;
        return own == null ? borrowed() : own;
    }

    /// What its thread is executing, innermost first; empty if it has none. Any thread.
    final List<StackTraceElement> stack() {
        Thread owner = owner();
        return owner == null ? List.of() : List.of(owner.getStackTrace());
    }

    /// Whether it is running code on a virtual thread, and not waiting in it. Any thread.
    final boolean isComputing() {
        Thread owner = owner();
        return run == RUNNING
                && !lent
                && owner != null
                && owner.isVirtual()
                && owner.getState() == Thread.State.RUNNABLE;
    }

    /// Whether a thread runs it. Any thread.
    final boolean isInTurn() {
        return run != COLD && !lent && owner() != null;
    }

    /// What the process is doing, for people.
    final ProcessInfo.Status status() {
        return switch (run) {
            case COLD -> ProcessInfo.Status.HIBERNATING;
            case RUNNING -> ProcessInfo.Status.RUNNING;
            default -> ProcessInfo.Status.WAITING;
        };
    }
}
