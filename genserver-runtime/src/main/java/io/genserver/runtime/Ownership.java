package io.genserver.runtime;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides which thread may run a process. This is the lowest layer of a [LocalProcess]. The layers
/// are superclasses rather than objects of their own, because an object would cost each of a
/// million processes 16 bytes.
///
/// ## The states
///
/// The *owner* is the one thread that may run the process. `run` holds the state:
///
/// - COLD: there is no owner and nothing to do.
/// - QUEUED: there is something to do, and a [Workers] will find an owner.
/// - RUNNING: the owner is at work.
/// - PARKED: the owner waits between two messages, on a thread that belongs to the process.
/// - RECEIVING: the owner waits in the middle of the user's code.
///
/// A new process is RUNNING. Its creator passes it on to its first thread. A *waker* is a thread
/// that has put a message into the mailbox, has ended the process, or fires an alarm.
///
/// | from | to | by | method |
/// |---|---|---|---|
/// | COLD | QUEUED | a waker, which then schedules the process | [#wake] |
/// | QUEUED | RUNNING | a worker that has found it in a run queue | [#claimQueued] |
/// | COLD, QUEUED | RUNNING | a thread that runs the process itself | [#claim] |
/// | RUNNING | PARKED, RECEIVING | the owner, when it finds no message | [#park] |
/// | PARKED, RECEIVING | RUNNING | a waker, which then unparks the owner | [#wake] |
/// | PARKED, RECEIVING | RUNNING | the owner, if it need not wait after all | [#park] |
/// | RUNNING | QUEUED | the owner, if there is more to do than its share | [ServerProcess] |
/// | RUNNING | COLD | the owner, if there is nothing to do | [#release] |
/// | RUNNING | COLD | the owner of a dead process, for good | [#releaseDead] |
/// | RUNNING | COLD | an owner whose stack has ended | [Lending] |
///
/// An entry in a run queue is only a hint. The process may have been claimed by another thread, and
/// there may be two entries. A worker that cannot claim the process drops the entry.
///
/// ## Who may touch what
///
/// | field | written by | read by |
/// |---|---|---|
/// | `run` | RUNNING is left by a write of the owner, the other states by compare-and-set | any thread |
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
/// 2. A sender finds the process QUEUED and relies on the worker that will claim it. The worker
///    claims it with a compare-and-set, then looks into the mailbox. So it sees a message that was
///    offered before the sender read QUEUED.
/// 3. An alarm marks itself as fired, then wakes the process. It acts as the sender of case 1.
///    (`AlarmGoesOff`)
/// 4. A thread that ends the process writes the exit reason, then wakes the process. It acts as the
///    sender of case 1, and the owner also looks for the exit reason. (`Dying`)
/// 5. A waker changes the state. Then its stack or the memory ends before the process is in a run
///    queue or its owner is unparked. The waker asks the [Healer] to do that.
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

    static final int QUEUED = 0;
    static final int RUNNING = 1;
    static final int COLD = 2;
    static final int PARKED = 3;
    static final int RECEIVING = 4;

    private static final int LOOK = 64; // a power of two

    private static final VarHandle RUN = Access.field(MethodHandles.lookup(), "run", int.class);
    private static final VarHandle THREAD =
            Access.field(MethodHandles.lookup(), "thread", Thread.class);
    private static final VarHandle LENT =
            Access.field(MethodHandles.lookup(), "lent", boolean.class);

    final LocalNode node;
    final Mailbox mailbox;

    /// The state, see the class.
    volatile int run = RUNNING;

    /// The owner's thread; null while the process has none. See the class.
    volatile @Nullable Thread thread;

    /// Whether the owner's thread runs a turn of another process. It must not be interrupted then.
    volatile boolean lent;

    /// The owner that was interrupted because the process died; null if none was. Guarded.
    private @Nullable Thread interrupted;

    /// How many messages the process has handled.
    private int handled;

    /// The highest number of messages that the owner has found in the mailbox. Written by the
    /// owner. Races OK: other threads show it to people.
    private int longestMail;

    Ownership(LocalNode node, Mailbox mailbox) {
        this.node = node;
        this.mailbox = mailbox;
    }

    /// Returns the process that this is the lowest layer of.
    abstract LocalProcess self();

    abstract boolean isDead();

    /// Starts the first thread of the process. Owner.
    ///
    /// @throws OutOfMemoryError if there is no memory for a thread, or there are too many
    abstract void startThread();

    /// Puts the QUEUED process into a run queue. Only servers are ever QUEUED. Any thread.
    void schedule() {
        throw new AssertionError(self().describe() + " has a thread");
    }

    /// Drops what a dead process does not need, because other objects may keep the process. Owner.
    void forget() {}

    /// Empties the mailbox of the dead process. Any thread.
    abstract void drainDead();

    // Waking

    /// Makes the process run if it does not run yet. Called after something was put into its
    /// mailbox. Any thread.
    final void ensureRunning() {
        if (run > RUNNING) {
            wake();
        } else if (node.healer.needed) {
            node.healer.check(); // the process may be QUEUED and in no queue
        }
    }

    /// Makes the process run if it does not run yet. Any thread.
    ///
    /// @throws StackOverflowError if this thread's stack ends; the [Healer] then wakes the process,
    ///   at the latest when the node is used again
    final void wake() {
        try {
            for (int seen = run; seen > RUNNING; seen = run) {
                if (seen == COLD) {
                    if (RUN.compareAndSet(this, COLD, QUEUED)) {
                        scheduleOrHeal();
                        return;
                    }
                } else {
                    StackRoom.require(); // for the unpark
                    if (RUN.compareAndSet(this, seen, RUNNING)) {
                        unpark();
                        return;
                    }
                }
            }
        } catch (StackOverflowError noStack) {
            node.healer.needed = true; // no call, because there may be no stack left for one
            throw noStack;
        }
    }

    /// Finds an owner for the process, which has just become QUEUED. Any thread.
    final void scheduleOrHeal() {
        try {
            if (!isDead()) {
                schedule();
            } else if (claimQueued()) {
                forget();
                releaseDead();
            }
        } catch (Throwable failed) {
            node.healer.needed = true; // no call, because there may be no stack left for one
            node.healer.healAfter(failed);
        }
    }

    private void unpark() {
        try {
            Threads.unpark(thread);
        } catch (OutOfMemoryError failed) {
            node.healer.needed = true;
            node.healer.healAfter(failed);
        }
    }

    /// Does again what a thread may have failed to do for the process. Any thread.
    void heal() {
        if (run == QUEUED) {
            schedule(); // at worst it is in the run queue twice
        } else {
            if (mailbox.hasNew()) {
                ensureRunning();
            }
            Threads.unpark(thread); // does no harm
        }
    }

    /// Wakes the process at a deadline.
    final class Alarm extends TimerWheel.Entry {
        private volatile boolean fired; // written by the timer thread, read by the owner

        @Override
        String describe() {
            return "timeout of a receive of " + self().describe();
        }

        @Override
        Pid concerns() {
            return self().pid;
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
        int seen = run;
        return (seen == COLD || seen == QUEUED) && RUN.compareAndSet(this, seen, RUNNING);
    }

    /// Becomes the owner if the process is QUEUED. A worker that has found it in a run queue.
    final boolean claimQueued() {
        return run == QUEUED && RUN.compareAndSet(this, QUEUED, RUNNING);
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

    /// Has another thread run the process, which this thread has just made COLD, if there is
    /// something to do.
    final void wakeIfBusy() {
        if (mailbox.hasNew() || isDead()) {
            wake();
        }
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
        Context mine = Context.getOrNull(); // null if there was no memory for one
        if (mine != null) {
            mine.own(null);
        }
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
    /// @param how PARKED or RECEIVING
    /// @param alarm what else ends the wait, or null
    final void park(int how, @Nullable Alarm alarm) {
        AdaptiveSpin spin = Context.get().mailSpin();
        if (spin.spinUntil(() -> !mailbox.isEmpty())) {
            return;
        }
        if (!spin.wantsMeasurement()) {
            parkNow(how, alarm);
            return;
        }
        long start = node.timers.clock().nanoTime();
        parkNow(how, alarm);
        spin.measured(node.timers.clock().nanoTime() - start);
    }

    private void parkNow(int how, @Nullable Alarm alarm) {
        StackRoom.require();
        if (thread == null) {
            borrowThread(); // for wakers; the next line publishes it
        }
        run = how;
        if (mailbox.hasNew() || isDead() || (alarm != null && alarm.fired)) {
            RUN.compareAndSet(this, how, RUNNING);
        }
        while (run != RUNNING) {
            Threads.park(this);
            if (Thread.currentThread().isInterrupted() && run == how && endsWait(how)) {
                wake();
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

    /// Counts a message that has been handled. Owner.
    final void countHandled() {
        handled++;
        if ((handled & LOOK - 1) == 0) {
            lookAtLength();
        }
    }

    /// Records how many messages wait. It is called when the owner begins to work and once in
    /// [#LOOK] messages, because the senders' count is most often in another processor's cache.
    /// Owner.
    final void lookAtLength() {
        int length = mailbox.length();
        if (length > longestMail) {
            longestMail = length;
        }
    }

    /// Returns the highest number of messages that the owner has found. Any thread.
    final int longestMail() {
        return longestMail;
    }

    /// Returns how many messages the process has handled. Any thread, which may see an older
    /// number.
    final int handled() {
        return handled;
    }

    /// Takes a break after a message if one is due; see [Fairness]. Owner, on the process's own
    /// thread.
    final void beFair() {
        node.healer.check();
        if ((handled & Fairness.BUDGET - 1) == 0) {
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
            Threads.interrupt(owner);
        }
    }

    /// Takes away an interrupt that a callback has left set, because it is not meant for the next
    /// one. A user's thread that is lent gets it back when its turns are over. The interrupt may
    /// also have come with the process's death, so the owner looks afterwards whether the process
    /// is dead: the death is written before the interrupt. Owner.
    final void leaveInterrupt() {
        if (!Thread.currentThread().isInterrupted()) {
            return;
        }
        Context context = Context.get();
        synchronized (this) { // as in interruptOwner
            if (interrupted == null && context.depth() > 0 && context.isUsersThread()) {
                context.putOffInterrupt();
            } else {
                Thread.interrupted();
            }
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
        return run == RUNNING && !lent && thread != null;
    }

    /// Returns what the process is doing. Any thread.
    final ProcessInfo.Status status() {
        int now = run;
        if (now <= RUNNING) {
            return now == QUEUED ? ProcessInfo.Status.RUNNABLE : ProcessInfo.Status.RUNNING;
        }
        return now != RECEIVING && hibernates()
                ? ProcessInfo.Status.HIBERNATING
                : ProcessInfo.Status.WAITING;
    }

    /// Returns whether the process hibernates, if it waits between two messages. Any thread.
    boolean hibernates() {
        return false;
    }
}
