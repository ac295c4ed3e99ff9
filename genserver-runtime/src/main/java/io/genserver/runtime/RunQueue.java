package io.genserver.runtime;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The claimed servers that wait for their turn on one thread.
///
/// A server that becomes busy because of something sent in a turn does not run inside that turn,
/// because chains of messages would grow on the stack. It is claimed, put into the run queue of the
/// thread, and runs when the outermost turn is over. Before the thread waits, it hands its run
/// queue to a virtual thread, a *worker*. After some turns it hands what is left to a worker as
/// well. A worker with a long queue shares it with further workers, at most one per processor.
///
/// Only its own thread touches a run queue.
final class RunQueue implements Context.PutOff {

    /// How many servers a thread runs before it hands the rest to a worker.
    private static final int SHARE = 16;

    /// The length at which a worker shares its queue.
    private static final int LONG = 8;

    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
    private static final AtomicInteger WORKERS = new AtomicInteger();

    private ArrayDeque<ServerProcess> ready;

    /// Whether the thread runs the servers of the queue.
    private boolean draining;

    private RunQueue(ArrayDeque<ServerProcess> ready) {
        this.ready = ready;
    }

    /// Returns the run queue of a thread; null if it has never had one.
    static @Nullable RunQueue ofOrNull(Context context) {
        return (RunQueue) context.putOff;
    }

    private static RunQueue of(Context context) {
        RunQueue queue = ofOrNull(context);
        if (queue == null) {
            queue = new RunQueue(new ArrayDeque<>(2));
            context.putOff = queue;
        }
        return queue;
    }

    static boolean isEmpty(Context context) {
        RunQueue queue = ofOrNull(context);
        return queue == null || queue.ready.isEmpty();
    }

    static boolean isDraining(Context context) {
        RunQueue queue = ofOrNull(context);
        return queue != null && queue.draining;
    }

    /// Finds a thread for a claimed server that has something to do: the current thread when its
    /// turns are over, or a worker. Any thread.
    static void schedule(ServerProcess server) {
        Context context = Context.get();
        if (context.promised || isDraining(context)) {
            of(context).ready.add(server);
        } else {
            ArrayDeque<ServerProcess> queue = new ArrayDeque<>(2);
            queue.add(server);
            startWorker(queue);
        }
    }

    /// Takes a server out of the queue.
    ///
    /// @return whether it was there
    boolean take(ServerProcess server) {
        return ready.remove(server);
    }

    /// Runs the servers that the turns on this thread have sent something to. Called after each
    /// turn; does nothing unless the turn was the outermost.
    ///
    /// @param node the node of the server that had the turn
    static void afterTurns(Context context, LocalNode node) {
        if (context.promised || isDraining(context)) {
            return; // not the outermost
        }
        RunQueue queue = ofOrNull(context);
        LocalProcess self = context.process();
        if (queue != null && !queue.ready.isEmpty()) {
            if (self == null || self.runsWhatItTells()) {
                queue.drain(context);
            } else {
                queue.handOver(context);
            }
        }
        node.fairness.afterTurn(context.share);
        if (self != null) {
            self.checkAlive();
        }
    }

    /// Runs the first servers of the queue, and hands the rest to a worker.
    private void drain(Context context) {
        draining = true;
        try {
            for (int left = SHARE; left > 0; left--) {
                ServerProcess next = ready.poll();
                if (next == null) {
                    break;
                }
                Lending.run(context, next, Lending.Claim.HELD, null);
            }
        } finally {
            draining = false;
            handOver(context);
        }
    }

    @Override
    public void handOver(Context context) {
        if (!ready.isEmpty()) {
            ArrayDeque<ServerProcess> all = ready;
            ready = new ArrayDeque<>(2);
            startWorker(all);
        }
    }

    private static void startWorker(ArrayDeque<ServerProcess> queue) {
        try {
            StackRoom.require();
            Threads.startVirtual(() -> work(queue));
        } catch (Throwable noThread) { // out of memory, threads or stack
            queue.forEach(ServerProcess::unclaim);
            queue.forEach(server -> server.wakeLater(noThread));
        }
    }

    private static void work(ArrayDeque<ServerProcess> queue) {
        Context context = Context.get();
        RunQueue mine = new RunQueue(queue);
        context.putOff = mine;
        context.worker = true;
        mine.draining = true;
        WORKERS.incrementAndGet();
        try {
            for (ServerProcess next = mine.ready.poll(); next != null; next = mine.ready.poll()) {
                Lending.run(context, next, Lending.Claim.HELD, null);
                if (mine.ready.size() >= LONG && WORKERS.get() < PROCESSORS) {
                    mine.share();
                }
                next.node.fairness.afterTurn(context.share);
            }
        } finally {
            WORKERS.decrementAndGet();
            mine.handOver(context); // empty, unless something has gone wrong
        }
    }

    private void share() {
        ArrayDeque<ServerProcess> half = new ArrayDeque<>();
        for (int left = ready.size() / 2; left > 0; left--) {
            half.add(ready.remove());
        }
        startWorker(half);
    }
}
