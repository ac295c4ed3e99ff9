package io.genserver.runtime;

import io.genserver.spi.Machine;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// A virtual thread that runs servers, usually those of a [RunQueue]; see [Workers].
final class Worker implements Runnable {

    private static final VarHandle TURNS = Access.field(MethodHandles.lookup(), "turns", int.class);

    private static final VarHandle WAITS = Access.field(MethodHandles.lookup(), "waits", int.class);
    private static final VarHandle CURRENT =
            Access.field(MethodHandles.lookup(), "current", Scheduled.class);

    /// How many servers run before the thread yields to other virtual threads. A power of two.
    private static final int BEFORE_YIELD = 256;

    private final Workers workers;
    private final Thread thread;

    /// The queue that this worker was given. It may have been taken away, see [#queue]. Written by
    /// the worker, and by the thread that wakes the waiting worker.
    private volatile @Nullable RunQueue queue;

    /// The server to run without a queue. Written by the thread that wakes the waiting worker.
    private volatile @Nullable Scheduled alone;

    /// The server whose turns run. Written by the worker, opaquely, because the ticker need not see
    /// it at once. Read by the ticker.
    private volatile @Nullable Scheduled current;

    /// How many servers have run. Written and read as `current` is.
    private volatile int turns;

    /// Whether it waits for a queue or a server. Set by the worker, cleared by the thread that
    /// gives it one. The worker does not look at the queue itself, because the ticker may have
    /// taken it away again.
    private volatile boolean waiting;

    /// Whether the servers that wait should have their turn. Written by the ticker. Races OK: at
    /// worst they have it a tick later.
    private boolean due;

    /// How often it has waited for servers. Written and read as `current` is.
    private volatile int waits;

    /// Whether the worker is to let other virtual threads run. Written by the ticker. Races OK: at
    /// worst a break comes a moment later.
    private boolean breakDue;

    Worker(Workers workers, @Nullable RunQueue queue, @Nullable Scheduled alone) {
        this.workers = workers;
        this.queue = queue;
        this.alone = alone;
        this.thread = Threads.virtual(workers.nextName(), this);
    }

    void start() {
        Machine machine = workers.node.machine;
        Scheduled server = alone;
        if (machine == null || server == null) { // null only if this has a queue
            Threads.start(thread);
        } else {
            machine.start(server.pid(), thread.getName(), this);
        }
    }

    @Override
    public void run() {
        Context context = Context.get();
        context.worker = this;
        boolean goesOn = true;
        while (goesOn) {
            try {
                runServers(context);
                goesOn = findQueue(context);
            } catch (Throwable failed) { // out of memory; a queue must not end with its worker
                giveUpQueue();
                report(failed); // the healer gives the queue to another worker
                goesOn = false;
            }
        }
    }

    private void report(Throwable failed) {
        try {
            workers.node.healer.healAfter(failed);
        } catch (Throwable noMemory) { // the report is lost, the worker continues
            Thread.onSpinWait();
        }
    }

    private void runServers(Context context) {
        runAlone(context);
        RunQueue mine = queue();
        while (mine != null && !workers.isClosed()) {
            Scheduled server = mine.poll();
            if (server == null) {
                server = workers.takeFromOthers(mine);
            }
            if (server == null) {
                waitForServers(context, mine);
            } else {
                mine.ran(run(context, server));
            }
            mine = queue();
        }
    }

    private void giveUpQueue() {
        current = null;
        RunQueue mine = queue();
        if (mine != null && mine.take(this, null)) {
            mine.parked = null;
            workers.markIdle(mine);
        }
    }

    /// Runs the server that this worker was started for, if any.
    private void runAlone(Context context) {
        Scheduled server = alone;
        if (server != null) {
            alone = null;
            long start = workers.node.timers.clock().nanoTime();
            run(context, server);
            server.ranAlone(workers.node.timers.clock().nanoTime() - start);
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // lets other virtual threads run; no result depends
    private int run(Context context, Scheduled server) {
        CURRENT.setOpaque(this, server);
        due = false;
        int handled = server.runOnWorker(context, this);
        CURRENT.setOpaque(this, null);
        workers.node.healer.check();
        int count = turns + 1;
        TURNS.setOpaque(this, count);
        if (breakDue) {
            breakDue = false;
            workers.node.fairness.takeBreak(context.share);
        } else if ((count & BEFORE_YIELD - 1) == 0) {
            Thread.yield();
        }
        return due ? RunQueue.FAIR : handled;
    }

    /// Returns whether other servers should have their turn.
    boolean isDue() {
        return due;
    }

    // Waiting

    /// Makes the queue idle and waits until there are servers in it, or it is taken away.
    private void waitForServers(Context context, RunQueue mine) {
        AdaptiveSpin spin = context.mailSpin(); // before the queue is idle, because this can fail
        context.own(null);
        WAITS.setOpaque(this, waits + 1);
        breakDue = false; // others can run while this thread waits
        if (!mine.take(this, null)) {
            return; // the ticker has given it to another worker
        }
        mine.parked = this;
        waiting = true;
        workers.markIdle(mine);
        if (workers.hasWork(mine) && workers.tryTakeIdle(mine)) {
            mine.parked = null;
            waiting = false;
            mine.give(this);
            workers.startTicker();
            return;
        }
        boolean measures = spin.wantsMeasurement();
        Clock clock = workers.node.timers.clock();
        long start = measures ? clock.nanoTime() : 0;
        awaitWork();
        if (measures) {
            spin.measured(clock.nanoTime() - start);
        }
    }

    /// Waits until another thread gives this worker a queue or a server.
    private void awaitWork() {
        while (waiting && !workers.isClosed()) {
            Threads.park(this);
            Thread.interrupted(); // left over from a turn
        }
    }

    /// Waits for a moment for the next message of the server whose turn is over, if there is
    /// nothing else to run.
    ///
    /// @return whether there is a message
    boolean awaitMessage(Context context, Mailbox mailbox) {
        AdaptiveSpin spin = context.mailSpin();
        RunQueue mine = queue();
        return mine != null
                && spin.isWorthwhile()
                && !workers.hasWork(mine)
                && spin.spinUntil(() -> !mailbox.isEmpty() || workers.hasWork(mine))
                && !mailbox.isEmpty();
    }

    /// Gets the worker a queue, or something else to run.
    ///
    /// @return false if the worker has to end
    private boolean findQueue(Context context) {
        if (workers.isClosed()) {
            return false;
        }
        queue = null;
        RunQueue free = workers.takeIdle(true);
        if (free != null) {
            queue = free;
            free.give(this);
            workers.startTicker();
            return true;
        }
        context.own(null);
        waiting = true;
        if (!workers.addSpare(this)) {
            return false;
        }
        awaitWork();
        return !workers.isClosed();
    }

    /// Passes the queue on, because the turn is about to wait. The worker's thread.
    void beforeWait() {
        RunQueue mine = queue();
        if (mine != null) {
            workers.replace(mine, this);
        }
    }

    // For other threads

    /// Returns the queue whose servers this worker runs; null if it has none.
    @Nullable RunQueue queue() {
        RunQueue mine = queue;
        return mine != null && mine.isOf(this) ? mine : null;
    }

    /// Wakes this worker, which is waiting. It has just been given the queue.
    void use(RunQueue given) {
        if (queue != given) {
            queue = given;
        }
        waiting = false;
        wake();
    }

    /// Wakes this worker, which is spare, to run a server.
    void runAlone(Scheduled server) {
        alone = server;
        waiting = false;
        wake();
    }

    void wake() {
        Threads.unpark(thread);
    }

    // For the ticker

    @Nullable Scheduled current() {
        return current;
    }

    int turns() {
        return turns;
    }

    int waits() {
        return waits;
    }

    boolean isWaiting() {
        return switch (thread.getState()) {
            case WAITING, TIMED_WAITING, BLOCKED -> true;
            case NEW, RUNNABLE, TERMINATED -> false;
        };
    }

    void endBatchSoon() {
        due = true;
    }

    void takeBreakSoon() {
        breakDue = true;
    }
}
