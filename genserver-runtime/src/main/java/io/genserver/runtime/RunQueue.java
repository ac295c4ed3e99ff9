package io.genserver.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jctools.queues.atomic.MpmcAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/// The servers that wait for their turn on one worker. A node has one run queue for each processor;
/// see [Workers].
///
/// The server that became ready last is in a place of its own, `next`, and runs first, because what
/// it works with is still in the processor's cache. The others run in the order in which they
/// became ready, and other workers may take them.
final class RunQueue {

    private static final VarHandle NEXT =
            Access.field(MethodHandles.lookup(), "next", Scheduled.class);
    private static final VarHandle WORKER =
            Access.field(MethodHandles.lookup(), "worker", Worker.class);

    private static final int CAPACITY = 256;

    /// How many messages are handled before a server is taken that did not become ready last: from
    /// outside and from the oldest of this queue in turn.
    static final int FAIR = 16;

    private final Workers workers;

    /// The bit of this queue in [Workers].
    final long bit;

    /// The server that became ready last. Written and taken by any thread.
    private volatile @Nullable Scheduled next;

    private final MpmcAtomicArrayQueue<Scheduled> rest = new MpmcAtomicArrayQueue<>(CAPACITY);

    /// The worker that runs the servers of this queue; null while the queue is idle. Taken away
    /// with a compare-and-set. Given by the thread that has made the queue busy.
    private volatile @Nullable Worker worker;

    /// The worker that waits for this idle queue to become busy; null for none. Belongs to the
    /// worker that makes the queue idle, then to the thread that makes it busy.
    @Nullable Worker parked;

    /// How many messages were handled since a server was taken in all fairness. The worker.
    private int handled;

    /// Whether the next such server comes from outside. The worker.
    private boolean outsideFirst;

    // For the ticker, which alone touches them.
    @Nullable Worker seen;
    int seenTurns;
    int seenWaits;
    int ticksInTurn;

    RunQueue(Workers workers, int number) {
        this.workers = workers;
        this.bit = 1L << number;
    }

    @Nullable Worker worker() {
        return worker;
    }

    boolean isOf(Worker mine) {
        return worker == mine;
    }

    /// Gives the queue, which has no worker and which the current thread has made busy, to a
    /// worker. Null takes it back if that has failed.
    void give(@Nullable Worker next) {
        worker = next;
    }

    /// Takes the queue away from a worker.
    ///
    /// @param other who has it from now on; null if the queue becomes idle
    /// @return whether the worker had it
    boolean take(Worker from, @Nullable Worker other) {
        return WORKER.compareAndSet(this, from, other);
    }

    /// Makes a server the next to run. Any thread, usually the worker.
    ///
    /// @return the server that was the next to run before, which has to be put elsewhere; or null
    @Nullable Scheduled push(Scheduled server) {
        return (Scheduled) NEXT.getAndSet(this, server);
    }

    /// Adds a server at the end.
    ///
    /// @return false if the queue is full
    boolean add(Scheduled server) {
        return rest.offer(server);
    }

    /// Takes the server that became ready last.
    @Nullable Scheduled takeNext() {
        return next == null ? null : (Scheduled) NEXT.getAndSet(this, null);
    }

    /// Takes the server that has waited longest, except for the one that became ready last.
    @Nullable Scheduled takeOldest() {
        return rest.relaxedPoll();
    }

    /// Takes the server that is to run now. The worker.
    @Nullable Scheduled poll() {
        Scheduled server = null;
        if (handled >= FAIR) {
            handled = 0;
            outsideFirst = !outsideFirst;
            server = outsideFirst ? workers.takeFromOutside() : rest.relaxedPoll();
            if (server == null) {
                server = outsideFirst ? rest.relaxedPoll() : workers.takeFromOutside();
            }
        }
        if (server == null) {
            server = takeNext();
        }
        return server != null ? server : rest.relaxedPoll();
    }

    /// Records that the worker has run a server. The worker.
    void ran(int messages) {
        handled += Math.max(1, messages);
    }

    boolean isEmpty() {
        return next == null && rest.isEmpty();
    }

    /// Returns whether another worker could take a server.
    boolean hasSpare() {
        return !rest.isEmpty();
    }
}
