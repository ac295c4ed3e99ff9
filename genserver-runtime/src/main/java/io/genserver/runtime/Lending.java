package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.GenServer;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedByInterruptException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs a server on a thread that is lent to it: by a process that calls the server, starts it or
/// stops it, or by a thread that is no process.
///
/// While the turn runs, [Context#process] is the server. When the turn is over, the thread is as it
/// was before: the same process, log context, context class loader, priority and interrupt flag.
///
/// ## The steps, and what happens if one fails
///
/// The *lender* is the process whose thread it is, if any.
///
/// 1. The lender writes `lent`. From now on its death does not interrupt the thread ([Ownership],
///    case 6).
/// 2. The thread claims the server. If another thread runs the server, the lender reclaims its
///    thread, and nothing else happens.
/// 3. The lender checks whether it is dead. If it is, the server gets another thread, even if its
///    init has not run yet. Only a server that the lender has just created ends with the lender.
/// 4. The thread becomes the server's, the turn runs, and the server is released
///    ([ServerProcess#runHere]).
/// 5. The thread is restored.
///
/// ## A stack that ends
///
/// A caller that has used up its stack is no reason for the server to end. If the stack ends in one
/// of the steps, the thread leaves the server as if it had not entered it, and the caller gets the
/// error. The server keeps the state it had, as an object that is guarded by a lock would. The
/// thread leaves without a call, because there may be no stack for one. A callback that has
/// overflowed although there was much stack when it began ends the server, see
/// [ServerProcess#runHere].
///
/// ## Interrupts
///
/// An interrupt of a thread is not meant for the server whose turn it runs.
///
/// - An interrupt that comes before the turn is put aside until the turn is over.
/// - An interrupt that comes during the turn ends no wait in the runtime
///   ([Context#putOffInterrupt]). If it ends a wait of the JDK's, the turn is given up
///   ([Callbacks]).
/// - A flag that the turn leaves set is dropped if the thread is the runtime's, or if the turn was
///   an init or an end, because the turn itself probably set it. After any other turn a user's
///   thread keeps the flag, because code that wants to cancel the thread may have set it. Another
///   turn that follows on the thread does not see it ([Ownership#leaveInterrupt]).
final class Lending {

    private static final Logger log = LoggerFactory.getLogger(GenServer.class);

    /// How long to wait for a busy server: about a microsecond. Units: iterations
    private static final int SOON_LENGTH = 32;

    private static final boolean ONE_PROCESSOR = Runtime.getRuntime().availableProcessors() == 1;

    private Lending() {}

    /// Runs the init of a server that is owned by the current thread, which has just created it.
    ///
    /// @throws io.genserver.ExitException if the process of this thread is dead
    static void start(Context context, ServerProcess server) {
        run(context, server, true, null);
    }

    /// Has a server handle a request, unless another thread runs the server. Waits for a moment if
    /// one does, because the server has promised that this does not take long. If the message were
    /// queued at once, the other thread would stay busy with it, and with the next one and the one
    /// after that, each handed over from core to core.
    ///
    /// @return false if another thread runs the server; then the request was not sent
    /// @throws io.genserver.ExitException if the process of this thread is dead; then the request
    ///   was not sent
    static boolean run(Context context, ServerProcess server, ReplySlot request) {
        return run(context, server, false, request);
    }

    private static boolean run(
            Context context, ServerProcess server, boolean owned, @Nullable ReplySlot request) {
        LocalProcess lender = context.lender();
        if (lender != null) {
            lender.receivePendingExit();
        }
        boolean claimed = owned;
        context.entered = false;
        try {
            if (lender != null) {
                lender.lend();
            }
            if (claimed) {
                VarHandle.fullFence(); // in place of the compare-and-set of a claim
            } else {
                claimed = server.claim() || claimSoon(server);
            }
            if (claimed && (lender == null || !lender.isDead())) {
                runAsServer(context, server, lender, request);
                return true;
            }
            if (claimed && lender != null) { // another thread runs it, because the lender is dead
                if (owned) {
                    endIfStarting(server, lender);
                }
                claimed = false;
                server.run = Ownership.QUEUED;
                server.scheduleOrHeal();
            }
        } catch (Throwable failed) { // no stack or no memory left
            // Field writes only, because there may be no stack left for calls.
            if (claimed && !context.entered) {
                server.thread = null;
                server.run = Ownership.COLD;
            }
            server.node.healer.needed = true;
            if (lender != null) {
                lender.lent = false;
            }
            throw failed;
        }
        if (lender != null) {
            lender.reclaim();
            VarHandle.fullFence(); // between the reclaiming and the look, Ownership's case 6
            lender.checkAlive();
        }
        return false;
    }

    /// Ends a server whose starter is dead, as [Spawning#launch] does. The start has not returned,
    /// so nobody uses the server.
    private static void endIfStarting(ServerProcess server, LocalProcess lender) {
        ExitReason died = lender.exitReason();
        if (died != null && server.isStarting()) {
            server.die(died);
        }
    }

    private static boolean claimSoon(ServerProcess server) {
        if (ONE_PROCESSOR) {
            return false;
        }
        for (int left = SOON_LENGTH; left > 0; left--) {
            Thread.onSpinWait();
            if (server.claim()) {
                return true;
            }
        }
        return false;
    }

    /// Steps 4 and 5.
    @SuppressWarnings("ThreadPriorityCheck") // restores what a callback has changed
    private static void runAsServer(
            Context context,
            ServerProcess server,
            @Nullable LocalProcess lender,
            @Nullable ReplySlot request) {
        boolean initOrEnd = server.isStarting() || request instanceof ReplySlot.Stop;
        int depth = context.depth();
        Thread thread = Thread.currentThread();
        ClassLoader loader = thread.getContextClassLoader();
        int priority = thread.getPriority();
        @Nullable Object[] others = MessageContext.lend(request); // first, because it may fail
        Map<String, String> log = LogContext.lend(request);
        boolean interrupted = Thread.interrupted();
        context.enter(server);
        context.owns = true;
        context.entered = true;
        try {
            server.runHere(context, lender, request);
        } catch (Throwable torn) { // no stack left, or no memory left for the server's own handlers
            // Field writes only, as in run.
            if (context.owns) {
                server.thread = null;
                server.run = Ownership.COLD;
            }
            server.node.healer.needed = true;
            throw torn;
        } finally {
            // Fields first, because there may be no stack left for calls.
            context.depth = depth;
            context.owns = true; // of the server whose turn goes on, if there is one
            context.entered = true; // nested turns may have changed it
            context.forgetDead();
            LogContext.reclaim(log);
            MessageContext.leave(others);
            if (thread.getContextClassLoader() != loader) {
                thread.setContextClassLoader(loader);
            }
            if (thread.getPriority() != priority) {
                thread.setPriority(priority);
            }
            restoreInterrupt(context, interrupted, initOrEnd);
        }
    }

    private static void restoreInterrupt(Context context, boolean before, boolean initOrEnd) {
        if (initOrEnd || !context.isUsersThread()) {
            Thread.interrupted();
        }
        boolean putOff = context.depth() == 0 && context.takeInterrupt();
        if (before || putOff) {
            Thread.currentThread().interrupt();
        }
    }

    // For the server whose turn runs

    /// Returns whether the current thread is lent to the server whose turn it runs.
    static boolean isLent() {
        return Context.get().depth() > 0;
    }

    /// Returns whether a callback failed because its thread was interrupted.
    static boolean isInterrupt(Throwable thrown) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (cause instanceof InterruptedException
                    || cause instanceof ClosedByInterruptException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /// Gives the thread the interrupt that a callback has consumed, when its turns are over.
    static void putOffInterrupt() {
        Thread.currentThread().interrupt();
        Context.get().putOffInterrupt();
    }

    /// Reports a message that is lost because the thread that sent it was interrupted in the turn.
    static void reportInterrupt(ServerProcess server, @Nullable Object message, Throwable why) {
        log.warn(
                "{} gave up {} because the thread that sent it was interrupted in the turn",
                server.describe(),
                ServerCrash.describe(message),
                why);
    }
}
