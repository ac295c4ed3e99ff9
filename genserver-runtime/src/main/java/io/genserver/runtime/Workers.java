package io.genserver.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Runs the servers of a node that have something to do and no thread of their own.
///
/// There is one [RunQueue] for each processor. A [Worker] is a virtual thread that takes servers
/// from a run queue and runs some turns of each. So a server that waits needs no thread, and a
/// message to it costs no switch of threads if its sender is a server itself.
///
/// ## Turns that wait
///
/// A turn may wait or compute for as long as it wants. It holds up no other server, because its
/// worker loses the run queue to another worker:
///
/// - At once, if the turn waits in this library: in a call, a receive, a start
///   ([Worker#beforeWait]).
/// - Within about a millisecond, if it waits in anything else: the [Ticker] sees that the worker's
///   thread waits.
/// - After some milliseconds, if it computes.
///
/// The worker without a queue finishes its turn. Then it takes an idle queue, waits as a *spare*
/// for one, or ends.
///
/// A server that the ticker has found waiting probably waits in its next turns, too. It gets a
/// worker without a queue for each of them until it has been quick for a while ([Scheduled#waits]).
///
/// ## On a machine
///
/// A node that runs on a [io.genserver.spi.Machine] has no run queue. Each server that has
/// something to do gets a worker of its own, so that the machine decides which of them goes on.
///
/// ## Busy and idle queues
///
/// A queue is *busy* while it has a worker. `idle` has a bit for each queue that is not. A worker
/// that finds no server makes its queue idle: it takes itself off the queue, then sets the bit,
/// then looks for servers again. A thread that adds a server to the queue for all looks at `idle`
/// afterwards. All of these accesses are volatile, so either the worker sees the server, or the
/// other thread sees the bit. The thread that clears the bit gives the queue a worker.
///
/// A worker that adds a server to its own queue checks afterwards that it still has the queue. If
/// the ticker has taken the queue in between, the new worker may have looked before the server was
/// there. So the old one moves the server to where other workers look, too.
final class Workers {

    /// The number of run queues at most, one bit of `idle` each.
    private static final int MOST_QUEUES = 64;

    private static final int PROCESSORS = processors();

    /// How many workers without a queue wait for work, at most. Others end.
    private static final int MOST_SPARES = 16 * PROCESSORS;

    private static final VarHandle IDLE = Access.field(MethodHandles.lookup(), "idle", long.class);

    final LocalNode node;
    final RunQueue[] queues;
    private final Ticker ticker;

    /// The queue for all: the servers that threads without a run queue have made ready, and those
    /// for which a run queue had no room.
    private final ConcurrentLinkedQueue<Scheduled> outside = new ConcurrentLinkedQueue<>();

    /// A bit for each queue without a worker. Written by any thread.
    private volatile long idle;

    /// The workers that wait for a queue or a server, the latest first.
    private final ConcurrentLinkedDeque<Worker> spares = new ConcurrentLinkedDeque<>();

    private final AtomicInteger spareCount = new AtomicInteger();

    private volatile boolean closed; // written once

    private final String threadName;
    private final AtomicInteger lastNumber = new AtomicInteger(); // of a worker

    Workers(LocalNode node, String threadName) {
        this.node = node;
        this.threadName = threadName;
        this.queues = new RunQueue[node.machine == null ? PROCESSORS : 0];
        Arrays.setAll(queues, number -> new RunQueue(this, number));
        this.idle = queues.length == MOST_QUEUES ? -1L : (1L << queues.length) - 1;
        this.ticker = new Ticker(this);
    }

    /// Returns the name of the thread of a new worker.
    String nextName() {
        return threadName + lastNumber.incrementAndGet();
    }

    /// Returns how many virtual threads the JVM runs at once.
    private static int processors() {
        int carriers =
                Integer.getInteger(
                        "jdk.virtualThreadScheduler.parallelism",
                        Runtime.getRuntime().availableProcessors());
        return Math.clamp(carriers, 1, MOST_QUEUES);
    }

    // Making servers ready. Any thread

    /// Finds a worker for a QUEUED server.
    ///
    /// @throws StackOverflowError if this thread's stack ends; the server is in no queue, or in one
    void schedule(Scheduled server) {
        if (runsAlone(server)) {
            startAlone(server);
            return;
        }
        Worker worker = Context.get().worker;
        RunQueue mine = worker == null ? null : worker.queue();
        if (worker == null || mine == null) {
            addFromOutside(server);
            return;
        }
        Scheduled before = mine.push(server);
        if (before != null) {
            StackRoom.requireLittle(); // an array queue whose offer ends halfway is broken
            addOldest(mine, before);
        }
        if (!mine.isOf(worker)) {
            spill(mine);
        }
    }

    /// Adds a server that has had its turn and has more to do. A worker.
    void requeue(Scheduled server) {
        if (runsAlone(server)) {
            startAlone(server);
            return;
        }
        Worker worker = Context.get().worker;
        RunQueue mine = worker == null ? null : worker.queue();
        if (mine == null) {
            addFromOutside(server);
        } else {
            addOldest(mine, server);
        }
    }

    private boolean runsAlone(Scheduled server) {
        return queues.length == 0 || server.waits();
    }

    private void addOldest(RunQueue queue, Scheduled server) {
        if (!queue.add(server)) {
            outside.add(server);
        }
        wakeOne();
    }

    private void addFromOutside(Scheduled server) {
        RunQueue queue = idle == 0 ? null : takeIdle(false);
        if (queue == null) {
            outside.add(server);
            wakeOne(); // a worker may have looked before the server was there
        } else {
            Scheduled before = queue.push(server);
            if (before != null) {
                outside.add(before);
            }
            giveWorker(queue);
        }
    }

    /// Moves the server that is to run next to where other workers look, too.
    void spill(RunQueue queue) {
        Scheduled server = queue.takeNext();
        if (server != null) {
            addOldest(queue, server);
        }
    }

    /// Runs a server on a worker without a run queue.
    void startAlone(Scheduled server) {
        StackRoom.require();
        Worker spare = takeSpare();
        if (spare == null) {
            new Worker(this, null, server).start();
        } else {
            spare.runAlone(server);
        }
    }

    // Finding servers. Workers

    @Nullable Scheduled takeFromOutside() {
        return outside.poll();
    }

    /// Takes a server from outside, or from another worker's queue.
    @Nullable Scheduled takeFromOthers(RunQueue mine) {
        Scheduled server = outside.poll();
        for (int i = 0; server == null && i < queues.length; i++) {
            server = queues[i] == mine ? null : queues[i].takeOldest();
        }
        return server;
    }

    /// Returns whether there is a server that a worker of this queue could run.
    boolean hasWork(RunQueue mine) {
        if (!mine.isEmpty() || !outside.isEmpty()) {
            return true;
        }
        for (RunQueue other : queues) {
            if (other != mine && other.hasSpare()) {
                return true;
            }
        }
        return false;
    }

    // Busy and idle queues

    /// Makes an idle queue busy if there is one, so that its worker takes a server.
    private void wakeOne() {
        RunQueue queue = idle == 0 ? null : takeIdle(false);
        if (queue != null) {
            giveWorker(queue);
        }
    }

    /// Makes an idle queue busy. The current thread then has to give it a worker.
    ///
    /// @param free whether no worker may be waiting for the queue
    @Nullable RunQueue takeIdle(boolean free) {
        for (long seen = idle, left = seen; left != 0; ) {
            RunQueue queue = queues[Long.numberOfTrailingZeros(left)];
            left &= ~queue.bit;
            if (free && queue.parked != null) { // races OK: looked at again below
                continue;
            }
            StackRoom.require(); // for waking the worker
            if (!tryTakeIdle(queue)) {
                seen = idle;
                left = seen;
            } else if (free && queue.parked != null) {
                giveWorker(queue);
            } else {
                return queue;
            }
        }
        return null;
    }

    /// Makes a queue busy if it is idle.
    boolean tryTakeIdle(RunQueue queue) {
        for (long seen = idle; (seen & queue.bit) != 0; seen = idle) {
            if (IDLE.compareAndSet(this, seen, seen & ~queue.bit)) {
                return true;
            }
        }
        return false;
    }

    void markIdle(RunQueue queue) {
        IDLE.getAndBitwiseOr(this, queue.bit);
    }

    boolean areAllIdle() {
        return Long.bitCount(idle) == queues.length;
    }

    void startTicker() {
        ticker.start();
    }

    /// Gives a worker to a queue that this thread has made busy.
    private void giveWorker(RunQueue queue) {
        Worker waiting = queue.parked;
        queue.parked = null;
        try {
            ticker.start();
            Worker spare = waiting == null ? takeSpare() : waiting;
            Worker worker = spare == null ? new Worker(this, queue, null) : spare;
            queue.give(worker);
            begin(queue, worker, spare == null);
        } catch (Throwable noThread) { // out of memory, threads or stack
            makeIdle(queue);
            throw noThread;
        }
    }

    /// Has a worker begin to run the servers of its queue.
    private static void begin(RunQueue queue, Worker worker, boolean fresh) {
        if (fresh) {
            worker.start();
        } else {
            worker.use(queue);
        }
    }

    /// Takes a queue back that could not be given to a worker.
    private void makeIdle(RunQueue queue) {
        node.healer.needed = true; // there may be servers in it
        queue.give(null);
        markIdle(queue);
    }

    /// Takes the queue away from a worker whose turn waits or computes, and gives it to another
    /// worker if there is something to run.
    ///
    /// @throws OutOfMemoryError if there is no memory for a worker; the worker still has the queue,
    ///   or the queue is idle
    void replace(RunQueue queue, Worker worker) {
        if (!hasWork(queue)) {
            if (queue.take(worker, null)) {
                queue.parked = null;
                markIdle(queue);
                if (hasWork(queue) && tryTakeIdle(queue)) {
                    giveWorker(queue);
                }
            }
            return;
        }
        StackRoom.require();
        Worker spare = takeSpare();
        Worker other = spare == null ? new Worker(this, queue, null) : spare;
        if (queue.take(worker, other)) {
            try {
                begin(queue, other, spare == null);
            } catch (Throwable noThread) { // out of memory, threads or stack
                queue.parked = null;
                makeIdle(queue);
                throw noThread;
            }
        } else if (spare != null) {
            spares.addFirst(spare);
            spareCount.incrementAndGet();
            if (closed) { // others may have been woken before
                spare.wake();
            }
        }
    }

    // Spare workers

    /// Makes a worker wait for a queue or a server, unless enough workers do.
    ///
    /// @return false if the worker has to end
    boolean addSpare(Worker worker) {
        // Races OK: a limit, roughly.
        if (closed || queues.length == 0 || spareCount.get() >= MOST_SPARES) {
            return false;
        }
        spares.addFirst(worker);
        spareCount.incrementAndGet();
        return true;
    }

    private @Nullable Worker takeSpare() {
        Worker spare = spares.pollFirst();
        if (spare != null) {
            spareCount.decrementAndGet();
        }
        return spare;
    }

    /// Lets each worker that waits look again at what it waits for. Any thread.
    void unparkAll() {
        for (RunQueue queue : queues) {
            Worker parked = queue.parked; // races OK: one that parks later needs no wake-up
            if (parked != null) {
                parked.wake();
            }
        }
        spares.forEach(Worker::wake);
    }

    /// Ends the workers that wait. Those that run a turn end after it.
    void close() {
        closed = true;
        VarHandle.fullFence(); // between the write of `closed` and the reads of `parked`
        for (RunQueue queue : queues) {
            Worker parked = queue.parked; // races OK: a worker that parks now looks at `closed`
            if (parked != null) {
                parked.wake();
            }
        }
        for (Worker spare = takeSpare(); spare != null; spare = takeSpare()) {
            spare.wake();
        }
    }

    boolean isClosed() {
        return closed;
    }
}
