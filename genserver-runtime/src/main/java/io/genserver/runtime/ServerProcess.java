package io.genserver.runtime;

import io.genserver.ExitReason;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// A generic server, and the threads that run its turns.
///
/// An ordinary server has a thread of its own unless it hibernates. The thread waits for its
/// messages. A server that has promised not to block has no thread: its turns run on the threads
/// that send it something, see [Lending].
///
/// Owner, unless stated otherwise.
final class ServerProcess extends LocalProcess {

    /// How many messages a lent thread handles for the server before it passes the server on.
    private static final int SHARE = 16;

    final Callbacks callbacks;
    private final RunMode mode;

    /// Null once init has ended well. Written by the owner, guarded, so that the dying thread knows
    /// for certain whether the server has started. Read by the owner and the dying thread.
    private volatile @Nullable Initialization initialization;

    /// Null while the sweep does not watch the server. Written by the owner when it begins to run
    /// the server, and by the timer thread when it ends the watch or begins it again.
    private volatile @Nullable IdleWatch watch;

    /// Why the server has to be ended on another thread, which owns it from then on; null if it
    /// need not be. Written by the owner, taken by the timer thread. [Lending] writes it without a
    /// call, because there may be no stack left for one.
    volatile @Nullable Throwable broken;

    private boolean suspended;

    /// Whether a long turn was reported. The timer thread.
    boolean longTurnReported;

    ServerProcess(LocalNode node, Initialization initialization) {
        super(
                node,
                initialization.caller() == null
                        ? null
                        : initialization.caller().ancestryOfChildren());
        this.mode = initialization.options().mode();
        this.initialization = initialization;
        this.callbacks = new Callbacks(this, initialization.parent());
    }

    /// Returns whether its callbacks promise not to block. Any thread.
    boolean isNonBlocking() {
        return mode.nonBlocking();
    }

    /// Returns whether it wants a platform thread of its own. Any thread.
    boolean wantsPlatformThread() {
        return mode.platformThread();
    }

    /// Whether its init has not ended well yet. Any thread.
    boolean isStarting() {
        return initialization != null;
    }

    boolean isSuspended() {
        return suspended;
    }

    void suspend(boolean yes) {
        suspended = yes;
    }

    @Override
    String initialCall() {
        var code = callbacks.codeOrNull();
        if (code == null) {
            return "GenServer";
        }
        try {
            return code.callbackModule().getName();
        } catch (RuntimeException hostile) { // the user's method
            return code.getClass().getName();
        }
    }

    @Override
    void forget() {
        callbacks.forget();
    }

    // Sending. Any thread

    @Override
    boolean runsWhatItTells() {
        return false;
    }

    @Override
    void tell(Context context, Object message) {
        if (!mode.nonBlocking() || !CallerRun.tell(context, this, message)) {
            deliver(message);
        }
    }

    @Override
    void ask(Context context, ReplySlot request, long timeout) {
        if (!CallerRun.ask(context, this, request, timeout)) {
            super.ask(context, request, timeout);
        }
    }

    @Override
    void shutDown(Context context, long timeout) {
        ReplySlot.Stop stop = new ReplySlot.Stop(ExitReason.SHUTDOWN, null);
        deliver(stop);
        stop.await(context, node.timers, timeout);
    }

    // On a thread of its own

    @Override
    void startThread() {
        if (mode.nonBlocking()) {
            RunQueue.schedule(this);
        } else if (mode.platformThread()) {
            Threads.startDaemon(pid.toString(), this::runOnOwnThread);
        } else {
            Threads.startVirtual(this::runOnOwnThread);
        }
    }

    @Override
    boolean startsThread() {
        return !mode.nonBlocking();
    }

    private void runOnOwnThread() {
        takeOver();
        try {
            live();
        } catch (Throwable torn) { // out of memory; what the user's code throws is caught there
            die(Thrown.reason(torn));
            end();
        }
    }

    private void live() {
        if (initialize() && !release()) {
            return; // hibernates until its first message
        }
        useLoader();
        watch();
        do {
            while (callbacks.step()) {
                beFair();
            }
            if (isDead()) {
                end();
                return;
            }
        } while (awaitMessage());
    }

    /// Releases the dead server for good.
    private void end() {
        failCurrent();
        forget();
        releaseDead();
    }

    /// Waits for a message, or gives the thread up.
    ///
    /// @return false if this thread is no longer the owner
    private boolean awaitMessage() {
        StateTimeouts asked = callbacks.timeouts();
        if (!suspended && asked != null && asked.wantsToHibernate()) {
            return release();
        }
        boolean stays = suspended || asked != null || mode.hibernateAfter() == TimeUnits.FOREVER;
        boolean mine = stays ? park(PARKED, null) : parkOrHibernate();
        if (mine) {
            watch(); // the process may have been COLD for a moment
        }
        return mine;
    }

    private boolean parkOrHibernate() {
        Alarm alarm = new Alarm();
        node.timers.arm(alarm, node.timers.clock().nanoTime() + mode.hibernateAfter());
        boolean mine = park(PARKED, alarm);
        node.timers.cancel(alarm);
        boolean idle = mine && alarm.hasFired() && !mailbox.hasNew() && !isDead();
        return idle ? release() : mine;
    }

    private void useLoader() {
        var code = callbacks.codeOrNull();
        if (code != null) {
            Threads.useLoaderOf(code);
        }
    }

    // On a lent thread, see Lending

    /// Runs some turns on a thread that has claimed the server, and releases the server.
    ///
    /// @param lender the process whose thread it is; null if it is no process
    /// @param message what that thread sends; null if it is in the mailbox
    void runHere(@Nullable LocalProcess lender, @Nullable Object message) {
        borrowThread();
        boolean more;
        try {
            if (initialization != null) {
                // The server was started too deep in other turns for init to run there.
                if (message != null) {
                    mailbox.offer(message);
                }
                more = !initialize();
            } else {
                useLoader();
                watch();
                more = runTurns(message);
            }
        } catch (StackOverflowError noStack) {
            throw noStack; // Lending has the server ended on another thread
        } catch (Throwable torn) { // as in runOnOwnThread
            die(Thrown.reason(torn));
            more = false;
        }
        leave(lender, more || callbacks.wantsTurn());
    }

    /// Handles a message, or some of those in the mailbox.
    ///
    /// @return whether there may be more to do
    private boolean runTurns(@Nullable Object message) {
        int left = SHARE;
        if (message != null && isFree()) {
            callbacks.handle(message);
            if (callbacks.timeouts() == null) {
                return false;
            }
        } else if (message != null) {
            mailbox.offer(message);
        }
        while (left > 0 && callbacks.step()) {
            left--;
        }
        return left == 0;
    }

    /// Returns whether a message that arrives now is the next one to be handled.
    private boolean isFree() {
        return !suspended && !isDead() && !callbacks.wantsTurn();
    }

    /// Releases a server that was run on a lent thread, and passes it on to another thread if there
    /// is more to do. The lender gets its thread back before a fence, so it can then see whether it
    /// is dead.
    private void leave(@Nullable LocalProcess lender, boolean more) {
        receivePendingExit();
        if (lender != null) {
            lender.reclaim();
        }
        if (isDead()) {
            end();
        } else if (more) {
            VarHandle.fullFence();
            handOver();
        } else if (release()) {
            handOver();
        }
        if (isDead()) {
            settleInterrupt();
        }
    }

    /// Has the server ended on another thread, because the stack of this one has ended. `broken` is
    /// written. If there is no stack for the timer, the sweep finds it.
    void endElsewhere() {
        TimerWheel.Entry end =
                new TimerWheel.Entry() {
                    @Override
                    void fire() {
                        endIfBroken();
                    }
                };
        node.timers.arm(end, node.timers.clock().nanoTime());
    }

    /// Ends the server if [#endElsewhere] has asked for it. The timer thread.
    ///
    /// @return whether the server is being ended
    boolean endIfBroken() {
        Throwable why = broken;
        if (why == null) {
            return false;
        }
        Threads.startVirtual(() -> {
            takeOver();
            callbacks.crash(why, null);
            end();
        });
        broken = null; // after the thread has started, which may fail
        return true;
    }

    // The idle watch

    private void watch() {
        if (watch == null) {
            IdleWatch mine = new IdleWatch(this);
            watch = mine;
            node.sweep.join(mine);
        }
    }

    /// Ends the watch of a COLD server. The timer thread.
    void unwatch() {
        watch = null;
        if (mailbox.hasNew()) {
            wake(); // a sender's stack may have ended before it could
        }
        if (!isCold()) {
            watch(); // its new owner may have read the old watch
        }
    }

    // Starting and ending

    /// Runs init if it has not run.
    ///
    /// @return whether the server has just started, and has nothing to do
    private boolean initialize() {
        Initialization starting = initialization;
        if (starting == null || isDead() || !starting.run(this)) {
            return false;
        }
        receivePendingExit();
        return callbacks.timeouts() == null && mailbox.hasNothing();
    }

    /// Records that init has ended well.
    ///
    /// @return false if the server was killed before; the dying thread then tells the starter
    boolean initialized() {
        synchronized (this) {
            if (isDead()) {
                return false;
            }
            initialization = null;
            return true;
        }
    }

    /// The dying thread.
    @Override
    void beforeSignals() {
        Initialization unfinished = initialization;
        if (unfinished != null) {
            unfinished.beforeSignals(this);
        }
    }

    /// The dying thread.
    @Override
    void afterSignals(ExitReason reason) {
        callbacks.end();
        Initialization unfinished = initialization;
        if (unfinished != null) {
            unfinished.afterSignals(reason);
        }
    }
}
