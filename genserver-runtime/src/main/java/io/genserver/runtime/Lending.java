package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.GenServer;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedByInterruptException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs a server on a thread that is not its own. The thread belongs to a process that sends to the
/// server, starts it or stops it; or it is no process; or it is a worker of a [RunQueue].
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
/// 2. The thread claims the server, or the server was claimed when it was put into the run queue.
///    If another thread runs the server, the lender reclaims its thread, and nothing else happens.
/// 3. The lender checks whether it is dead. If it is, the server gets another thread.
/// 4. The thread becomes the server's, the turn runs, and the server is released
///    ([ServerProcess#runHere]).
/// 5. The thread is restored.
///
/// If the stack ends in steps 1 to 3, the server may be claimed. The thread gives the claim back,
/// and a timer wakes the server if something has arrived. If the stack ends in step 4, it may be
/// the sender that has used it up, and there may be none left to end the server, so the server is
/// ended on another thread. One method does all of this, [#run].
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
///   thread keeps the flag, because code that wants to cancel the thread may have set it.
final class Lending {

    private static final Logger log = LoggerFactory.getLogger(GenServer.class);

    /// How long to wait for a busy server: about a microsecond. Units: iterations
    private static final int SOON_LENGTH = 32;

    private static final boolean ONE_PROCESSOR = Runtime.getRuntime().availableProcessors() == 1;

    /// How a thread comes to own the server.
    enum Claim {
        /// The thread claims the server if the server is COLD.
        NOW,
        /// The thread also waits for a moment if another thread runs the server, because the server
        /// has promised that this does not take long. If the message were queued at once, the other
        /// thread would stay busy with it, and with the next one and the one after that, each
        /// handed over from core to core.
        SOON,
        /// The thread already owns the server.
        HELD
    }

    private Lending() {}

    /// Runs a server's turn, or its init if that has not run.
    ///
    /// @param message what this thread sends; null if it is in the mailbox
    /// @return false if another thread runs the server; then the message was not sent
    /// @throws io.genserver.ExitException if the process of this thread is dead; then the message
    ///   was not sent
    static boolean run(
            Context context, ServerProcess server, Claim claim, @Nullable Object message) {
        LocalProcess lender = context.lender();
        if (lender != null) {
            lender.receivePendingExit();
        }
        boolean claimed = claim == Claim.HELD;
        context.entered = false;
        try {
            if (lender != null) {
                lender.lend();
            }
            if (claimed) {
                VarHandle.fullFence(); // in place of the compare-and-set of a claim
            } else {
                claimed = server.claim() || (claim == Claim.SOON && claimSoon(context, server));
            }
            if (claimed && (lender == null || !lender.isDead())) {
                runAsServer(context, server, lender, message);
                return true;
            }
        } catch (Throwable failed) { // no stack or no memory left
            if (!context.entered) {
                backOut(server, lender, claimed);
            }
            throw failed;
        }
        if (lender != null) {
            lender.reclaim();
            if (claimed) {
                leaveToOthers(server, lender);
            }
            VarHandle.fullFence(); // between the reclaiming and the look, Ownership's case 6
            lender.checkAlive();
        }
        return false;
    }

    /// Takes back what [#run] has done, if the stack has ended before the thread was the server's.
    private static void backOut(
            ServerProcess server, @Nullable LocalProcess lender, boolean claimed) {
        if (lender != null) {
            lender.reclaim();
        }
        if (claimed) {
            server.unclaim();
            server.wakeIn(0);
        }
    }

    /// Passes a claimed server on to another thread, because the process of this thread is dead.
    private static void leaveToOthers(ServerProcess server, LocalProcess lender) {
        ExitReason died = lender.exitReason();
        if (died != null && server.isStarting()) {
            server.die(died);
        }
        server.handOver();
    }

    private static boolean claimSoon(Context context, ServerProcess server) {
        if (ONE_PROCESSOR || !RunQueue.isEmpty(context)) {
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
            @Nullable Object message) {
        boolean initOrEnd = server.isStarting() || message instanceof ReplySlot.Stop;
        int depth = context.depth();
        boolean promised = context.promised;
        Thread thread = Thread.currentThread();
        ClassLoader loader = thread.getContextClassLoader();
        int priority = thread.getPriority();
        Map<String, String> log = LogContext.lend(message);
        boolean interrupted = Thread.interrupted();
        context.enter(server);
        context.entered = true;
        try {
            context.promised = server.isNonBlocking();
            server.runHere(lender, message);
        } catch (Throwable torn) { // no stack left, or no memory left for the server's own handlers
            server.broken = torn;
            if (lender != null) {
                lender.reclaim();
            }
            server.endElsewhere();
        } finally {
            // Fields first, because there may be no stack left for calls.
            context.depth = depth;
            context.promised = promised;
            context.entered = true; // nested turns may have changed it
            context.forgetDead();
            LogContext.reclaim(log);
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
