package io.genserver.runtime;

import io.genserver.Action;
import io.genserver.ExitReason;
import io.genserver.Init;
import io.genserver.Start;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// A generic server: its birth, its end, and the threads that run its turns.
///
/// An ordinary server has a thread of its own while it is hot, which waits for its messages. One
/// that promises not to block has none: its turns run on the threads that send it something, see
/// [CallerRuns].
///
/// Everything here belongs to the owner, see [Ownership], unless it says otherwise.
final class ServerProcess extends Turns {

    /// How many messages a thread that is not its own handles for the server at a time.
    private static final int SHARE = 16;

    /// Null once init has ended well. Written by the owner, guarded, so that whoever ends the
    /// process knows for sure whether it was born; read by that thread.
    private volatile @Nullable Birth birth;

    /// How long it may be idle before it hibernates. Units: ns.
    private final long hibernateAfter;

    private final boolean platformThread;
    private final boolean nonBlocking;

    /// Why it has to be ended on another thread, by which it is owned from then on. Written by the
    /// owner, taken by the timer thread.
    volatile @Nullable Throwable broken;

    ServerProcess(LocalRuntime runtime, Birth birth) {
        super(
                runtime,
                birth.caller() == null ? null : birth.caller().ancestryOfChildren(),
                birth.parent());
        this.hibernateAfter = birth.options().hibernateAfter();
        this.platformThread = birth.options().platformThread();
        this.nonBlocking = birth.options().nonBlocking();
        this.birth = birth;
    }

    /// Whether its callbacks promise not to block.
    boolean isNonBlocking() {
        return nonBlocking;
    }

    /// Whether it wants a thread of the operating system for itself.
    boolean wantsPlatformThread() {
        return platformThread;
    }

    // ---------------------------------------------------------------- on a thread of its own

    @Override
    void startThread() {
        if (nonBlocking) {
            runtime.callerRuns.schedule(this);
        } else if (platformThread) {
            Thread.ofPlatform().daemon().name(pid.toString()).start(this::run);
        } else {
            Thread.startVirtualThread(this::run);
        }
    }

    private void run() {
        takeOver();
        try {
            live();
        } catch (Throwable torn) { // the user's code has nets of its own: out of memory, at best
            die(Thrown.reason(torn));
            bury();
        }
    }

    private void live() {
        if (beBorn() && !goCold()) {
            return; // hibernates until its first message
        }
        runtime.idleSweep.watch(this);
        do {
            while (step()) {
                runtime.fairness.afterMessage(handled);
            }
            if (isDead()) {
                bury();
                return;
            }
        } while (awaitMessage());
    }

    /// Runs init if it has not been run.
    ///
    /// @return whether it has just been born, and has nothing to do
    private boolean beBorn() {
        Birth unborn = birth;
        if (unborn == null || isDead() || !init(unborn)) {
            return false;
        }
        receivePendingExit();
        return action() == Action.NONE && mailbox.nothingPassedOver();
    }

    /// Waits for a message, on this thread or without one.
    ///
    /// @return false if this thread owns the process no longer
    private boolean awaitMessage() {
        if (!isSuspended() && wantsToHibernate()) {
            return goCold();
        }
        boolean stays =
                isSuspended() || hibernateAfter == TimeUnits.FOREVER || action() != Action.NONE;
        boolean mine = stays ? park(PARKED, null) : awaitOrHibernate();
        if (mine) {
            runtime.idleSweep.watch(this); // it may have been cold for a moment
        }
        return mine;
    }

    private boolean awaitOrHibernate() {
        Alarm alarm = new Alarm();
        runtime.timers.arm(alarm, runtime.timers.clock().nanoTime() + hibernateAfter);
        boolean mine = park(PARKED, alarm);
        runtime.timers.cancel(alarm);
        boolean idle = mine && alarm.hasFired() && mailbox.nothingNew() && !isDead();
        return idle ? goCold() : mine;
    }

    // ---------------------------------------------------------------- on another's thread

    /// Runs some turns on a thread that has claimed the server, and gives it up.
    ///
    /// @param lender whose thread it is; null if that is no process
    /// @param message what that thread sends it; null if that is in the mailbox
    void runHere(@Nullable LocalProcess lender, @Nullable Object message) {
        if (birth != null) { // started too deep in other turns for its starter to run init, or dead
            if (message != null) {
                mailbox.offer(message);
            }
            beBornHere(lender);
            return;
        }
        runtime.idleSweep.watch(this);
        boolean more;
        try {
            if (message != null && isFree()) {
                if (!(message instanceof ReplySlot.Request)) {
                    borrowThread(); // a request knows its thread
                }
                handleOwn(message);
                more = action() != Action.NONE && doShare();
            } else {
                if (message != null) {
                    mailbox.offer(message);
                }
                more = doShare();
            }
        } catch (StackOverflowError tooDeep) {
            throw tooDeep; // the thread's, perhaps; see endElsewhere()
        } catch (Throwable torn) { // as in run()
            die(Thrown.reason(torn));
            more = false;
        }
        giveUp(lender, more);
    }

    /// Runs init on the thread that starts the server.
    void beBornHere(@Nullable LocalProcess lender) {
        borrowThread();
        boolean more = false;
        try {
            more = !beBorn() && wantsTurn();
        } catch (Throwable torn) { // as in run()
            die(Thrown.reason(torn));
        }
        giveUp(lender, more);
    }

    /// Has a server that could not be ended on a borrowed thread, whose stack is at its end, ended
    /// on a thread with a stack of its own. Owner, which says so in `broken` before it tries to
    /// call this: if even that is too much, the sweep finds it.
    void endElsewhere(@Nullable LocalProcess lender) {
        if (lender != null) {
            lender.takeBack();
        }
        TimerWheel.Entry end =
                new TimerWheel.Entry() {
                    @Override
                    void fire() {
                        endIfBroken();
                    }
                };
        runtime.timers.arm(end, runtime.timers.clock().nanoTime());
    }

    /// The timer thread.
    ///
    /// @return whether the server is being ended
    boolean endIfBroken() {
        Throwable why = broken;
        if (why == null) {
            return false;
        }
        broken = null;
        Thread.startVirtualThread(() -> {
            takeOver();
            crash(why);
            bury();
        });
        return true;
    }

    /// Runs some turns.
    ///
    /// @return whether there may be more to do
    private boolean doShare() {
        borrowThread();
        int left = SHARE;
        while (left > 0 && step()) {
            left--;
        }
        return left == 0;
    }

    /// Leaves a server that was run on a borrowed thread; whoever is next goes on with what is
    /// left. The lender gets its thread back, and after the fence that each way out has may look
    /// whether it is dead.
    private void giveUp(@Nullable LocalProcess lender, boolean more) {
        receivePendingExit();
        if (lender != null) {
            lender.takeBack();
        }
        if (isDead()) {
            bury();
        } else if (more) {
            VarHandle.fullFence();
            handOver();
        } else if (goCold()) {
            handOver();
        }
        if (isDead()) {
            settleInterrupt();
        }
    }

    // ---------------------------------------------------------------- birth and death

    /// Runs init and tells the starter how it went.
    ///
    /// @return whether the server serves now
    private boolean init(Birth unborn) {
        Init.Ok<Object> result = unborn.run(this);
        if (result == null) {
            return false;
        }
        replaceState(result.state());
        SystemMessages.debug(this, unborn.options().debug());
        synchronized (this) {
            if (isDead()) {
                return false; // killed by now: whoever did it tells the starter
            }
            birth = null;
        }
        act(result.action());
        unborn.starter().reply(new Start.Ok(pid));
        return !isDead();
    }

    /// Any thread.
    @Override
    void beforeSignals() {
        Birth unborn = birth;
        if (unborn != null) {
            unborn.beforeSignals(this);
        }
    }

    /// Any thread.
    @Override
    void afterSignals(ExitReason reason) {
        disarm();
        Debug watching = debug();
        if (watching != null) {
            watching.closeFile();
        }
        Birth unborn = birth;
        if (unborn != null) {
            unborn.afterSignals(reason);
        }
    }
}
