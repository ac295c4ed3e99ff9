package io.genserver.runtime;

import io.genserver.ExitReason;

/// Decides whether a thread that sends something to a server runs the server's turn itself. The
/// turn runs through [Lending].
///
/// A server that has promised not to block is run by a thread that sends to it, if that thread
/// finds it COLD. A thread that finds it busy puts its message into the mailbox, as for any server,
/// and the thread that runs the server takes it from there. An ordinary server is run by the
/// process that waits without limit for its init or its end, because that process can do nothing
/// else.
final class CallerRun {

    /// How many turns may be nested on one thread. A call that would be nested deeper waits for
    /// another thread.
    private static final int DEEPEST = 24;

    private CallerRun() {}

    /// Sends a message to a server that has promised not to block. A server's own callbacks never
    /// run the receiver: the receiver might call that server, which would still be busy with its
    /// turn.
    ///
    /// @return whether the message was handled here; otherwise it was not sent
    static boolean tell(Context context, ServerProcess server, Object message) {
        if (context.promised
                || context.depth() >= DEEPEST
                || !(context.process() == null || context.process().runsWhatItTells())
                || !Lending.run(context, server, Lending.Claim.NOW, message)) {
            return false;
        }
        RunQueue.afterTurns(context, server.node);
        return true;
    }

    /// Sends a request to a server and runs its turn here, if possible. If the turn takes longer
    /// than the caller wants to wait, the call fails when the turn ends. That is the same outcome
    /// as for other servers, only later, so a retry behaves the same. A call with the default
    /// timeout gets its reply even if that took longer, because reading the clock twice would cost
    /// more than such a call.
    ///
    /// @param timeout units: ns
    /// @return whether the request was sent
    static boolean ask(Context context, ServerProcess server, ReplySlot request, long timeout) {
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

    private static boolean run(Context context, ServerProcess server, ReplySlot request) {
        request.target = server;
        if (Lending.run(context, server, Lending.Claim.SOON, request)) {
            RunQueue.afterTurns(context, server.node);
        } else if (!runFromQueue(context, server, request)) {
            return false;
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

    /// Runs a server that waits in this thread's run queue, until the server has answered the
    /// request.
    ///
    /// @return whether the server was in the queue
    private static boolean runFromQueue(Context context, ServerProcess server, ReplySlot request) {
        RunQueue queue = RunQueue.ofOrNull(context);
        if (queue == null || !queue.take(server)) {
            return false;
        }
        server.mailbox.offer(request);
        do {
            Lending.run(context, server, Lending.Claim.HELD, null);
            RunQueue.afterTurns(context, server.node);
        } while (!request.isAnswered() && queue.take(server));
        return true;
    }

    /// Returns whether this thread may run a server if it waits without limit for its init or its
    /// end.
    static boolean mayRunFor(Context context, ServerProcess server) {
        if (context.depth() >= DEEPEST || server.wantsPlatformThread()) {
            return false;
        }
        if (server.isNonBlocking()) {
            return true;
        }
        LocalProcess self = context.process();
        return self != null
                && self.lendsItsThread()
                && !context.promised
                && !RunQueue.isDraining(context); // the servers in it must not wait
    }
}
