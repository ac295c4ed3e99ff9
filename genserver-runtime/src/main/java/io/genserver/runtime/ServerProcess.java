package io.genserver.runtime;

import io.genserver.Action;
import io.genserver.ExitReason;
import io.genserver.Pid;
import org.jspecify.annotations.Nullable;

/// A generic server, and the threads that run its turns.
///
/// Most servers have no thread. If there is something to do, they are put into a run queue, and a
/// [Worker] runs some turns. A server that has promised not to block is also run by the threads
/// that call it, see [Lending]. A server may have asked for a thread of its own, which then runs
/// all its turns.
///
/// Owner, unless stated otherwise.
final class ServerProcess extends LocalProcess implements Scheduled {

    /// How many messages a lent thread handles for the server before it passes the server on.
    private static final int SHARE = 16;

    /// How many messages a worker handles before another server has its turn.
    private static final int BATCH = 64;

    /// A turn that takes longer is not quick. Units: ns
    private static final long QUICK = 200_000L;

    /// How many quick turns a server must have had before it counts as one that does not wait.
    private static final byte PROBATION = 16;

    /// How much stack a thread must have for handling messages of others. Units: levels
    private static final int MUCH_STACK = 144;

    final Callbacks callbacks;
    private final RunMode mode;

    /// Null once init has ended well. Written by the owner, guarded, so that the dying thread knows
    /// for certain whether the server has started. Read by the owner and the dying thread.
    private volatile @Nullable Initialization initialization;

    /// Null while the sweep does not watch the server. Written by the owner when it begins to run
    /// the server, and by the timer thread when it ends the watch or begins it again.
    private volatile @Nullable TurnWatch watch;

    /// Whether it is in a run queue, roughly; see [#schedule]. Written and read by any thread.
    private volatile boolean entered;

    private boolean suspended;

    /// Whether a long turn was reported. The timer thread.
    private boolean longTurnReported;

    /// How many quick turns are missing; see [#waits]. Written by the ticker and by the owner.
    /// Races OK: it is a guess.
    private byte probation;

    ServerProcess(LocalNode node, Initialization initialization) {
        super(
                node,
                initialization.caller() == null
                        ? null
                        : initialization.caller().ancestryOfChildren(),
                initialization.options().mailbox());
        this.mode = initialization.options().mode();
        this.initialization = initialization;
        this.callbacks = new Callbacks(this, initialization.parent());
    }

    /// Returns whether its callbacks promise not to block. Any thread.
    boolean isNonBlocking() {
        return mode.nonBlocking();
    }

    /// Returns whether it has a thread of its own. Any thread.
    boolean hasOwnThread() {
        return mode.hasOwnThread();
    }

    /// Returns whether it skips the calls whose callers have given up. Any thread.
    boolean skipsAbandonedCalls() {
        return mode.skipsAbandonedCalls();
    }

    /// Returns what it does after a callback that asks for nothing.
    Action idleAction() {
        return mode.idle();
    }

    /// Whether its init has not ended well yet. Any thread.
    boolean isStarting() {
        return initialization != null;
    }

    @Override
    boolean failedToStart() {
        return isStarting();
    }

    boolean isSuspended() {
        return suspended;
    }

    void suspend(boolean yes) {
        suspended = yes;
    }

    @Override
    String loggerName() {
        return super.loggerName() + "." + initialCall();
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

    // Finding a thread

    @Override
    void startThread() {
        switch (mode.thread()) {
            case PLATFORM -> Threads.startDaemon(pid, pid.toString(), this::runOnOwnThread);
            case VIRTUAL -> Threads.startVirtual(pid, pid.toString(), this::runOnOwnThread);
            case SHARED, CALLERS -> {
                run = QUEUED;
                node.workers.startAlone(this); // because init may wait
            }
        }
    }

    /// Puts the server into a run queue, unless it is in one. The worker that takes it from there
    /// clears `entered` before it claims the server. So if this thread still finds the entry, the
    /// worker finds the server QUEUED. Without the flag, a server that is cast to and called in
    /// turn, and that its callers run, would leave an entry behind for each cast. Any thread.
    @Override
    void schedule() {
        if (!entered) {
            entered = !waits();
            node.workers.schedule(this);
        }
    }

    @Override
    public Pid pid() {
        return pid;
    }

    @Override
    public boolean waits() {
        return probation > 0;
    }

    @Override
    public void foundWaiting() {
        probation = PROBATION;
    }

    @Override
    public void ranAlone(long took) {
        if (probation > 0) {
            probation = took > QUICK ? PROBATION : (byte) (probation - 1);
        }
    }

    // On a thread of its own

    private void runOnOwnThread() {
        try {
            takeOver();
            initialize();
            useLoader();
            while (!isDead()) {
                watch(); // the watch ends while the server waits
                lookAtLength();
                while (callbacks.step()) {
                    beFair();
                }
                if (!isDead()) {
                    beginsToWait();
                    park(PARKED, null);
                }
            }
        } catch (Throwable torn) { // out of memory; what the user's code throws is caught there
            dieOf(torn);
        }
        end();
    }

    /// Releases the dead server for good.
    private void end() {
        failCurrent();
        forget();
        releaseDead();
    }

    private void beginsToWait() {
        if (mode.hibernation() != null) {
            mode.hibernation().begin(node.timers.clock().nanoTime());
        }
    }

    /// Any thread.
    @Override
    boolean hibernates() {
        StateTimeouts asked = callbacks.timeouts(); // races OK: for people
        if (asked != null && !asked.asksForNothing()) {
            return asked.wantsToHibernate();
        }
        return mode.hibernation() != null
                && mode.hibernation().isOver(node.timers.clock().nanoTime());
    }

    // On a worker

    @Override
    public int runOnWorker(Context context, Worker worker) {
        entered = false; // before the claim, see schedule
        if (!claimQueued()) {
            return 0;
        }
        int before = handled();
        lookAtLength();
        borrowThread();
        context.own(this);
        if (worker.queue() == null) {
            watch();
        }
        boolean mine = true;
        try {
            boolean again;
            do {
                again = runBatch(context, worker);
                mine = again || isDead() || !released();
            } while (!again && mine && !isDead());
            if (mine && again && !isDead()) {
                mine = false;
                requeue();
            }
        } catch (Throwable torn) { // as in runOnOwnThread
            dieOf(torn);
        }
        if (mine) {
            end();
        }
        if (isDead()) {
            settleInterrupt();
        }
        if (Thread.currentThread().isInterrupted()) {
            Thread.interrupted(); // left over from the turn
        }
        return handled() - before;
    }

    /// Handles some messages.
    ///
    /// @return whether there may be more to do
    private boolean runBatch(Context context, Worker worker) {
        initialize();
        useLoader();
        int left = BATCH;
        do {
            while (left > 0 && callbacks.step()) {
                left = worker.isDue() ? 0 : left - 1;
            }
            receivePendingExit();
        } while (left > 0 && !isDead() && worker.awaitMessage(context, mailbox));
        return left == 0 && !isDead();
    }

    /// Releases the server if there is nothing to do.
    private boolean released() {
        beginsToWait();
        return !release();
    }

    private void requeue() {
        thread = null;
        entered = true;
        run = QUEUED;
        try {
            node.workers.requeue(this);
        } catch (OutOfMemoryError noMemory) {
            node.healer.healAfter(noMemory);
        }
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
    /// @param request what that thread sends; null for none
    void runHere(Context context, @Nullable LocalProcess lender, @Nullable ReplySlot request) {
        borrowThread();
        boolean more = false;
        try {
            if (initialization != null) {
                // The request is of a thread that was faster than the worker that is to run init.
                if (request != null) {
                    queue(request);
                    more = true;
                } else {
                    initialize();
                }
            } else {
                useLoader();
                if (mode.nonBlocking()) {
                    watch();
                }
                more = runTurns(request);
            }
        } catch (StackOverflowError noStack) {
            if (!StackRoom.has(MUCH_STACK)) {
                throw noStack; // the lender's own
            }
            callbacks.overflowed(noStack);
        } catch (Throwable torn) { // as in runOnOwnThread
            dieOf(torn);
        }
        leave(context, lender, more || callbacks.wantsTurn());
    }

    /// Handles a request, and some of the messages in the mailbox. If there is little stack, it
    /// handles no message of others, because the lender's stack must not harm them.
    ///
    /// @return whether there may be more to do
    private boolean runTurns(@Nullable ReplySlot request) {
        if (request != null && isFree()) {
            callbacks.handle(request);
            if (callbacks.timeouts() == null) {
                return false;
            }
        } else if (request != null) {
            queue(request);
        }
        if (!StackRoom.has(MUCH_STACK)) {
            return true;
        }
        int left = SHARE;
        while (left > 0 && callbacks.step()) {
            left--;
        }
        return left == 0;
    }

    /// Puts the lender's request into the mailbox. If there is no room, the request has no target
    /// afterwards, and the lender sends it as to a server that another thread runs; see
    /// [CallerRun].
    private void queue(ReplySlot request) {
        if (!mailbox.offerIfRoom(request)) {
            request.target = null;
        }
    }

    /// Returns whether a message that arrives now is the next one to be handled.
    private boolean isFree() {
        return !suspended && !isDead() && !callbacks.wantsTurn();
    }

    /// Releases a server that was run on a lent thread, and passes it on to another thread if there
    /// is more to do. The lender gets its thread back before a fence, so it can then see whether it
    /// is dead.
    ///
    /// The thread leaves with field writes in a row. If the stack ended in a call between them,
    /// nobody would release the server. The [Healer] does what a call after them may miss, because
    /// [Lending] asks for it.
    private void leave(Context context, @Nullable LocalProcess lender, boolean more) {
        receivePendingExit();
        if (lender != null) {
            lender.reclaim();
        }
        if (isDead()) {
            failCurrent();
            forget();
            thread = null;
            context.owns = false; // before the server gets its next owner
            run = COLD;
            drainDead();
        } else if (more) {
            thread = null;
            context.owns = false;
            run = QUEUED;
            scheduleOrHeal();
        } else {
            beginsToWait();
            thread = null;
            context.owns = false;
            run = COLD;
            wakeIfBusy();
        }
        if (isDead()) {
            settleInterrupt();
        }
    }

    // Long turns

    @Override
    public void reportLongTurn() {
        if (!longTurnReported) {
            longTurnReported = LongTurn.reportIfLong(this);
        }
    }

    private void watch() {
        if (watch == null && node.machine == null) { // a machine's clock does not pass in a turn
            TurnWatch mine = new TurnWatch(this);
            watch = mine;
            node.sweep.join(mine);
        }
    }

    /// Ends the watch of a server that nobody runs. The timer thread.
    void unwatch() {
        watch = null;
        if (isInTurn()) {
            watch(); // its new owner may have read the old watch
        }
    }

    @Override
    void heal() {
        entered = false; // the entry may have been lost
        if (isStarting() && isCold()) { // the starter's stack has ended before init
            die(ExitReason.KILLED);
        }
        super.heal();
    }

    // Starting and ending

    /// Runs init if it has not run.
    private void initialize() {
        Initialization starting = initialization;
        if (starting != null && !isDead() && starting.run(this)) {
            receivePendingExit();
        }
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

    @Override
    boolean terminatesOn(Pid from, ExitReason reason) {
        return mode.terminatesOnExit()
                && (!reason.equals(ExitReason.NORMAL) || from == callbacks.parent() || from == pid);
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
