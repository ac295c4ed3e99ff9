package io.genserver.runtime;

import io.genserver.ExitReason;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Runs servers on threads that are not theirs: those that promise not to block on the thread of
/// whoever sends them something, and the init and the end of others on the thread of the process
/// that waits for that and for nothing else.
///
/// ## Turns
///
/// Whoever finds such a server cold claims it, becomes its owner, runs the turn and leaves it cold
/// again. Whoever finds it busy puts the message into the mailbox, as always; the one who runs it
/// takes what has come meanwhile, up to a limit. While the turn runs, the thread is the server's:
/// [Context#process] says so, and a death of the process that has lent it does not interrupt it,
/// see [Ownership#lend]. When the turn is over, an interrupt that was meant for the server is taken
/// back, see [Ownership#settleInterrupt].
///
/// ## What a turn sends
///
/// A server that becomes busy because of something sent in a turn is not run inside that turn,
/// which would let chains of messages grow on the stack. It is put into the run queue of the
/// thread, claimed already, and run when the outermost turn is over. Before a thread waits for
/// anything, it hands its run queue over to a virtual thread, as it does with what is left after a
/// while; a long queue is shared with further threads, up to one a core.
///
/// Only calls nest, and only so deep; a call that would be deeper waits for another thread.
final class CallerRuns {

    /// How many turns may run one inside the other on one thread.
    private static final int DEEPEST = 24;

    /// How many servers of its run queue a thread runs that has other things to do.
    private static final int SHARE = 16;

    /// How long a run queue is when it is shared.
    private static final int LONG_QUEUE = 8;

    /// How many turns a virtual thread runs before it lets others go on, a power of two. A turn is
    /// much shorter than one with a wait and a wake-up.
    private static final int BUDGET = 16 * Fairness.BUDGET;

    /// How long to wait for one that is busy, about a microsecond. Units: looks
    private static final int PATIENCE = 32;

    private static final int CORES = Runtime.getRuntime().availableProcessors();

    private final LocalRuntime runtime;
    private final AtomicInteger workers = new AtomicInteger();

    CallerRuns(LocalRuntime runtime) {
        this.runtime = runtime;
    }

    // ---------------------------------------------------------------- what is sent

    /// Delivers a message, and runs its receiver if that is possible here. Any thread, in the
    /// user's code. But not a server's: who gets the message may call the server it is from, which
    /// does not wait for anything and must be there for it.
    void tell(Context context, LocalProcess target, Object message) {
        if (target instanceof ServerProcess server
                && server.isNonBlocking()
                && !context.promised
                && context.depth < DEEPEST
                && !(context.process() instanceof ServerProcess)
                && claimAndRun(context, server, message, false)) {
            return;
        }
        target.deliver(message);
    }

    /// Delivers a request and runs its receiver, if that is possible here. If the turn takes longer
    /// than the caller wants to wait, it has timed out, though the caller could not notice before.
    ///
    /// @param timeout units: ns
    /// @return false if it has not been delivered
    boolean ask(Context context, ServerProcess server, ReplySlot slot, long timeout) {
        if (context.depth >= DEEPEST) {
            return false;
        }
        // To look at the clock twice would cost more than the call. The sweep's seconds will do for
        // the usual timeout, which is one of seconds.
        boolean exact = timeout != TimeUnits.FOREVER && timeout != TimeUnits.DEFAULT;
        long start = exact ? runtime.timers.clock().nanoTime() : 0;
        int seconds = runtime.idleSweep.seconds();
        boolean done = serve(context, server, slot);
        if (done && exact) {
            noticeTimeout(slot, timeout, runtime.timers.clock().nanoTime() - start);
        } else if (done && runtime.idleSweep.seconds() != seconds) {
            long passed = Math.max(0, runtime.idleSweep.seconds() - seconds - 1);
            noticeTimeout(slot, timeout, passed * IdleSweep.PERIOD);
        }
        return done;
    }

    private void noticeTimeout(ReplySlot slot, long timeout, long waited) {
        if (waited >= timeout && slot.isAnswered()) {
            Object reply = slot.outcome();
            if (slot.timeOutLate(waited, runtime.timers)) {
                runtime.deadLetters.lateReply(slot, reply);
            }
        }
    }

    private boolean serve(Context context, ServerProcess server, ReplySlot slot) {
        slot.target = server;
        if (!claimAndRun(context, server, slot, true)) {
            if (!context.takeReady(server)) {
                return false;
            }
            server.mailbox.offer(slot);
            do {
                runHeld(context, server);
                goOn(context);
            } while (!slot.isAnswered() && context.takeReady(server));
        }
        LocalProcess self = context.process();
        if (self != null && !slot.isAnswered()) { // it is left for others
            ExitReason cycle = CallCycles.beginWait(context, self, server, slot);
            if (cycle != null) {
                slot.fail(cycle);
            }
        }
        return true;
    }

    /// Runs the init of a server that this thread is starting.
    void bear(Context context, ServerProcess server) {
        LocalProcess self = context.process();
        if (self != null) {
            self.receivePendingExit();
            self.lend();
            VarHandle.fullFence();
            ExitReason died = self.exitReason();
            if (died != null) {
                self.takeBack();
                server.die(died);
                self.checkAlive();
            }
        }
        context.holds = true;
        try {
            enter(context, server, null, true);
        } catch (StackOverflowError tooDeep) {
            if (context.holds) {
                context.holds = false;
                server.broken = tooDeep;
                server.endElsewhere(self);
            }
            throw tooDeep;
        }
        goOn(context);
    }

    /// Whether a process that waits, without limit, for nothing but the init or the end of a server
    /// may run it.
    boolean mayRun(Context context, ServerProcess server) {
        if (context.depth >= DEEPEST || server.wantsPlatformThread()) {
            return false;
        }
        if (server.isNonBlocking()) {
            return true;
        }
        LocalProcess self = context.process();
        return self != null
                && !(self instanceof AttachedProcess)
                && !context.promised
                && !context.draining; // what is in the run queue must not wait for it
    }

    /// Claims a server for this thread, which is lent to it if it is a process's.
    ///
    /// @throws io.genserver.ExitException if that process is dead
    private static boolean claim(Context context, ServerProcess server) {
        LocalProcess self = context.process();
        if (self != null) {
            self.receivePendingExit();
            self.lend();
        }
        boolean claimed = server.claim();
        context.holds = claimed;
        if (self != null) {
            if (!claimed) {
                self.takeBack();
                self.checkAlive();
            } else if (self.isDead()) {
                giveBack(context, server, self);
            }
        }
        return claimed;
    }

    /// Leaves a server to another thread, for the process that has claimed it is dead.
    ///
    /// @throws io.genserver.ExitException in any case
    private static void giveBack(Context context, ServerProcess server, LocalProcess self) {
        context.holds = false;
        self.takeBack();
        server.handOver();
        self.checkAlive();
    }

    /// Claims a server that somebody else is running, if that does not take long: by its promise it
    /// will not. To put the message into the mailbox at once would keep the other one busy with it,
    /// and the next and the one after, each handed over from core to core.
    private static boolean claimSoon(Context context, ServerProcess server) {
        if (CORES == 1 || context.hasReady()) {
            return false;
        }
        for (int left = PATIENCE; left > 0; left--) {
            Thread.onSpinWait();
            if (server.isCold() && claim(context, server)) {
                return true;
            }
        }
        return false;
    }

    /// As [#claim], for a server that has been claimed before.
    private static void lend(Context context, ServerProcess server) {
        LocalProcess self = context.process();
        if (self != null) {
            self.lend();
            VarHandle.fullFence();
            if (self.isDead()) {
                giveBack(context, server, self);
            }
        }
    }

    // ---------------------------------------------------------------- turns

    /// Claims a server and runs its turn, and then what that has sent something.
    ///
    /// @param patiently whether to wait for a moment for one that is busy
    /// @return false if somebody else is running it
    private boolean claimAndRun(
            Context context, ServerProcess server, Object message, boolean patiently) {
        LocalProcess self = context.process();
        try {
            if (!claim(context, server) && !(patiently && claimSoon(context, server))) {
                return false;
            }
            enter(context, server, message, false);
        } catch (StackOverflowError tooDeep) {
            if (context.holds) {
                server.run = Ownership.COLD; // no call, for which there may be no stack left
                leaveBehind(context, server, self);
            }
            throw tooDeep;
        }
        goOn(context);
        return true;
    }

    /// Runs a server of the run queue, which is claimed already.
    private void runHeld(Context context, ServerProcess server) {
        LocalProcess self = context.process();
        context.holds = true;
        try {
            lend(context, server);
            enter(context, server, null, false);
        } catch (StackOverflowError tooDeep) {
            if (context.holds) {
                server.run = Ownership.COLD; // as above
                leaveBehind(context, server, self);
            }
            throw tooDeep;
        }
    }

    /// Leaves a server that this thread has claimed, but has no stack left to enter: it is cold
    /// again, and anybody may claim it. What has come in meanwhile another thread is to look for;
    /// if there is no stack left even for that, it waits for the next message.
    private static void leaveBehind(
            Context context, ServerProcess server, @Nullable LocalProcess self) {
        context.holds = false;
        if (self != null) {
            self.takeBack();
        }
        server.wakeIn(0);
    }

    private void goOn(Context context) {
        LocalProcess self = context.process();
        if (!context.promised && !context.draining) {
            if (self instanceof ServerProcess) {
                handOver(context); // see tell()
            } else {
                drain(context);
            }
            takeBreakSometimes(context);
        }
        if (self != null) {
            self.checkAlive();
        }
    }

    private void takeBreakSometimes(Context context) {
        runtime.fairness.runErrand();
        context.runs++;
        if ((context.runs & BUDGET - 1) == 0) {
            runtime.fairness.takeBreak(context);
        }
    }

    private void enter(
            Context context, ServerProcess server, @Nullable Object message, boolean birth) {
        context.holds = false;
        int depth = context.depth;
        boolean promised = context.promised;
        LocalProcess outer = null;
        Map<String, String> outside = null;
        boolean interrupted = false;
        try {
            outer = context.process();
            outside = LogContext.leave();
            // An interrupt is the thread's, and no turn's business: it would end what the server
            // waits for.
            interrupted = depth == 0 && Thread.interrupted();
            context.enter(server);
            context.promised = server.isNonBlocking();
            if (birth) {
                server.beBornHere(outer);
            } else {
                server.runHere(outer, message);
            }
        } catch (Throwable torn) { // no stack or no memory left, where the server's own nets are
            server.broken = torn;
            server.endElsewhere(outer);
        } finally {
            context.depth = depth; // no call, for which there might be no stack left
            context.promised = promised;
            context.forgetDead();
            LogContext.comeBack(outside);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (depth == 0) {
                context.giveBackInterrupt();
            }
        }
    }

    /// Runs the servers of the run queue, as far as that is this thread's to do.
    private void drain(Context context) {
        if (context.hasReady()) {
            context.draining = true;
            try {
                for (int left = SHARE; left > 0; left--) {
                    ServerProcess next = context.pollReady();
                    if (next == null) {
                        break;
                    }
                    runHeld(context, next);
                }
            } finally {
                context.draining = false;
                handOver(context);
            }
        }
    }

    // ---------------------------------------------------------------- run queues

    /// Finds a thread for a claimed server that has something to do. Any thread.
    void schedule(ServerProcess server) {
        Context context = Context.get();
        if (context.promised || context.draining) {
            context.addReady(server);
        } else {
            ArrayDeque<ServerProcess> queue = new ArrayDeque<>(2);
            queue.add(server);
            start(queue);
        }
    }

    /// Gives the run queue to another thread, for this one has something else to do.
    void handOver(Context context) {
        if (context.hasReady()) {
            start(context.takeReady());
        }
    }

    private void start(ArrayDeque<ServerProcess> queue) {
        try {
            Thread.startVirtualThread(() -> work(queue));
        } catch (Throwable noThread) { // out of memory or threads
            queue.forEach(server -> server.tryLater(noThread));
        }
    }

    private void work(ArrayDeque<ServerProcess> queue) {
        Context context = Context.get();
        context.putReady(queue);
        context.draining = true;
        workers.incrementAndGet();
        try {
            for (ServerProcess next = context.pollReady();
                    next != null;
                    next = context.pollReady()) {
                enter(context, next, null, false);
                if (context.readyCount() >= LONG_QUEUE && workers.get() < CORES) {
                    share(context);
                }
                takeBreakSometimes(context);
            }
        } finally {
            workers.decrementAndGet();
            handOver(context); // nothing, unless something has gone wrong
        }
    }

    private void share(Context context) {
        ArrayDeque<ServerProcess> half = new ArrayDeque<>();
        for (int left = context.readyCount() / 2; left > 0; left--) {
            ServerProcess next = context.pollReady();
            if (next != null) {
                half.add(next);
            }
        }
        start(half);
    }
}
