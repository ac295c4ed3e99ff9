package io.genserver.runtime;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps busy processes from starving platform threads, timers and sockets.
///
/// The JDK's scheduler of virtual threads runs what its own threads have made ready before it looks
/// at what was submitted from outside. Once it has taken something from one of its queues for
/// outside work, it empties that queue before it looks at another. Processes that call each other
/// in a loop on every core are always ready, so a platform thread's call, a timer or a socket could
/// wait for ever.
///
/// ## Breaks
///
/// A process that has handled many messages takes a break: it parks, and a platform thread unparks
/// it. That puts the process into a queue for outside work, behind whatever waits there. The
/// platform thread ends a few breaks at a time and then waits until that queue has become empty, so
/// that every queue gets its turn.
final class Fairness {

    /// After how many messages a process looks at the clock, a power of two.
    static final int BUDGET = 128;

    /// The shortest time between two breaks of a thread. Units: ns
    private static final long BETWEEN_BREAKS = 500_000L;

    /// How long a break takes at most. It usually ends much earlier. Units: ns
    private static final long LONGEST_BREAK = 50_000_000L;

    /// How long to wait for the queue to become empty. It does not become empty while virtual
    /// threads are pinned to all carriers, because pinned threads cannot give up their carriers.
    /// Units: ns
    private static final long LONGEST_WAIT = 20_000_000L;

    /// How many breaks end before the queue has to become empty.
    private static final int AT_ONCE = 4 * Runtime.getRuntime().availableProcessors();

    private static final Logger log = LoggerFactory.getLogger(Fairness.class);

    private final LinkedBlockingQueue<Break> breaks = new LinkedBlockingQueue<>();
    private final Clock clock;
    private final String threadName;

    /// The thread that ends the breaks; null until the first break. Guarded.
    private @Nullable Thread thread;

    private volatile boolean closed; // written once, guarded; read by any thread

    /// What one thread has used of its budget. Only that thread touches it.
    static final class Share {
        private long lastBreak; // units: ns
        private int failures;
        private int turns;
    }

    /// A thread that waits until it may continue.
    private static final class Break {
        private final Thread thread;
        private volatile boolean over; // written by the unparking thread, read by the parked one

        Break(Thread thread) {
            this.thread = thread;
        }

        void end() {
            over = true;
            LockSupport.unpark(thread);
        }

        /// Waits for the end, or until the limit has passed. Called by the thread itself.
        void await(Clock clock, long limit) {
            boolean interrupted = false;
            long start = clock.nanoTime();
            for (long left = limit; !over && left > 0; left = limit - (clock.nanoTime() - start)) {
                clock.park(this, left);
                interrupted |= Thread.interrupted(); // park would not wait with the flag set
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    Fairness(Clock clock, String threadName) {
        this.clock = clock;
        this.threadName = threadName;
    }

    /// Called by a thread that has run a turn of a server on a lent thread. Such a turn is much
    /// shorter than one with a wait and a wake-up, so the budget is larger.
    void afterTurn(Share share) {
        share.turns++;
        if ((share.turns & 16 * BUDGET - 1) == 0) {
            takeBreak(share);
        }
    }

    /// Called by a thread whose call has found no server. Callers that retry in a loop would starve
    /// the supervisor that restarts the server.
    void afterFailure(Share share) {
        share.failures++;
        if ((share.failures & BUDGET - 1) == 0) {
            takeBreak(share);
        }
    }

    /// Takes a break if this is a virtual thread and has not taken one for a while.
    void takeBreak(Share share) {
        Thread current = Thread.currentThread();
        if (!current.isVirtual() || closed) {
            return;
        }
        long now = clock.nanoTime();
        if (now - share.lastBreak >= BETWEEN_BREAKS) {
            share.lastBreak = now;
            if (breaksEnd()) {
                Break mine = new Break(current);
                breaks.add(mine);
                if (closed) { // the thread may not look at the queue again
                    breaks.remove(mine);
                } else {
                    mine.await(clock, LONGEST_BREAK);
                }
            }
        }
    }

    /// Starts the thread that ends the breaks, if it is not running.
    ///
    /// @return whether it is running
    private synchronized boolean breaksEnd() {
        if (thread == null && !closed) {
            thread = Threads.startDaemon(null, threadName, this::endBreaks);
        }
        return thread != null && thread.isAlive();
    }

    /// Ends the thread. It first ends all breaks.
    void close() {
        synchronized (this) {
            closed = true;
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    private void endBreaks() {
        while (!closed) {
            try {
                Break next = breaks.take();
                for (int left = AT_ONCE; left > 0 && next != null; left--) {
                    next.end();
                    next = left > 1 ? breaks.poll() : null;
                }
                awaitEmptyQueue();
            } catch (InterruptedException e) {
                log.debug("interrupted while no process took a break", e);
            } catch (Throwable noThread) { // out of memory or threads
                report(noThread);
            }
        }
        for (Break last = breaks.poll(); last != null; last = breaks.poll()) {
            last.end();
        }
    }

    private static void report(Throwable noThread) {
        try {
            log.error("processes that took a break may go on all at once", noThread);
        } catch (Throwable noMemory) { // the report is lost, the thread continues
            Thread.onSpinWait();
        }
    }

    /// Waits until the scheduler has emptied the queue for outside work. A virtual thread that does
    /// nothing shows when: by the time it runs, everything submitted before it has been taken, and
    /// the worker that runs it looks at the other queues next.
    private void awaitEmptyQueue() {
        Break turn = new Break(Thread.currentThread());
        Threads.startVirtual(turn::end);
        turn.await(clock, LONGEST_WAIT);
    }
}
