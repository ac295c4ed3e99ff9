package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.spi.Machine;

/// Decides whether a thread that calls, starts or stops a server runs the server's turn itself. The
/// turn runs through [Lending].
///
/// A server that has promised not to block is run by a thread that calls it, unless another thread
/// runs it at that moment. A thread that finds it busy puts its request into the mailbox, as for
/// any server. An ordinary server is run by the process that waits without limit for its init or
/// its end, because that process can do nothing else. Casts and messages are never handled by the
/// thread that sends them, because that thread may hold a lock that the server wants.
final class CallerRun {

    /// How many turns may be nested on one thread. A call that would be nested deeper waits for
    /// another thread.
    private static final int DEEPEST = 24;

    private CallerRun() {}

    /// Sends a request to a server and runs its turn here, if possible. If the turn takes longer
    /// than the caller wants to wait, the call fails when the turn ends. That is the same outcome
    /// as for other servers, only later, so a retry behaves the same. A call with the default
    /// timeout gets its reply even if that took longer, because reading the clock twice would cost
    /// more than such a call.
    ///
    /// @param timeout units: ns
    /// @return whether the request was sent
    static boolean ask(Context context, ServerProcess server, ReplySlot request, long timeout) {
        if (!lends(server)) {
            return false;
        }
        boolean runs =
                server.isNonBlocking()
                        ? context.depth() < DEEPEST
                        : request instanceof ReplySlot.Stop
                                && timeout == TimeUnits.FOREVER
                                && mayRunFor(context, server);
        if (!runs) {
            return false;
        }
        if (timeout == TimeUnits.FOREVER || timeout == TimeUnits.DEFAULT) {
            return run(context, server, request);
        }
        TimerWheel timers = server.node.timers;
        long start = timers.clock().nanoTime();
        if (!run(context, server, request)) {
            return false;
        }
        long waited = timers.clock().nanoTime() - start;
        if (waited >= timeout && request.isAnswered()) {
            Object reply = request.outcome();
            if (request.timeOutLate(waited, timers)) {
                server.node.deadLetters.lateReply(request, reply);
            }
        }
        return true;
    }

    private static boolean lends(ServerProcess server) {
        Machine machine = server.node.machine;
        return machine == null || machine.lendsThreads();
    }

    private static boolean run(Context context, ServerProcess server, ReplySlot request) {
        request.target = server;
        if (!Lending.run(context, server, request)) {
            return false;
        }
        afterTurn(context, server.node);
        if (request.target == null) {
            return false; // the server's mailbox had no room for it
        }
        LocalProcess self = context.process();
        if (self != null && !request.isAnswered()) { // another thread answers it
            ExitReason cycle = CallCycles.beginWait(context, self, server, request);
            if (cycle != null) {
                request.fail(cycle);
            }
        }
        return true;
    }

    /// Called after a turn on the caller's thread. A thread that does nothing but call must let
    /// others run at times.
    ///
    /// @param node the node of the server that had the turn
    static void afterTurn(Context context, LocalNode node) {
        if (context.depth() == 0) {
            node.healer.check();
            node.fairness.afterTurn(context.share);
            LocalProcess self = context.process();
            if (self != null) {
                self.checkAlive();
            }
        }
    }

    /// Returns whether this thread may run a server if it waits without limit for its init or its
    /// end. A user's thread may run only a server that does not block, because its thread locals
    /// are the user's.
    static boolean mayRunFor(Context context, ServerProcess server) {
        if (context.depth() >= DEEPEST || server.hasOwnThread() || !lends(server)) {
            return false;
        }
        return server.isNonBlocking() || (context.process() != null && !context.isUsersThread());
    }
}
