package io.genserver.runtime;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps busy processes from starving everything outside.
///
/// The JDK's scheduler of virtual threads runs what its own threads have made ready before it looks
/// at what was submitted from outside; and once it has taken something from one of its queues for
/// outside work, it empties that queue before it looks at another. Processes that call each other
/// in a loop on every core are always ready, so a platform thread's call, a timer or a socket could
/// wait for ever.
///
/// The cure: every so often a process takes a break. It parks, and a platform thread unparks it,
/// which puts it into a queue for outside work, behind whatever waits there. It does so a few at a
/// time and not before that queue has become empty, so that all the queues get their turn.
final class Fairness {

    /// After how many messages a process looks at the clock, a power of two.
    static final int BUDGET = 128;

    /// The shortest time between two breaks of a thread. Units: ns.
    private static final long BETWEEN_BREAKS = 500_000L;

    /// How many breaks end before the queue has to become empty.
    private static final int AT_ONCE = 4 * Runtime.getRuntime().availableProcessors();

    private static final Logger log = LoggerFactory.getLogger(Fairness.class);

    private final LinkedBlockingQueue<Break> breaks = new LinkedBlockingQueue<>();
    private final Clock clock;

    /// A thread that waits until it is let go on.
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

        /// Waits for the end. The thread itself.
        void await() {
            boolean interrupted = false;
            while (!over) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted(); // park would not wait with the flag set
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    Fairness(Clock clock) {
        this.clock = clock;
        Thread.ofPlatform().daemon().name("genserver-fairness").start(this::endBreaks);
    }

    /// Called by a process's thread once a message.
    ///
    /// @param handled how many messages the process has handled
    void afterMessage(int handled) {
        if ((handled & BUDGET - 1) == 0) {
            takeBreak(Context.get());
        }
    }

    /// Called by the thread of a call that reaches nobody. Callers that try again and again until a
    /// server has been restarted would keep away who restarts it.
    void afterFailure(Context context) {
        context.failures++;
        if ((context.failures & BUDGET - 1) == 0) {
            takeBreak(context);
        }
    }

    /// Lets others go on, if this is a virtual thread and has not done so for a while.
    void takeBreak(Context context) {
        Thread thread = Thread.currentThread();
        if (!thread.isVirtual()) {
            return;
        }
        long now = clock.nanoTime();
        if (now - context.lastBreak >= BETWEEN_BREAKS) {
            context.lastBreak = now;
            Break mine = new Break(thread);
            breaks.add(mine);
            mine.await();
        }
    }

    private void endBreaks() {
        while (true) {
            try {
                Break next = breaks.take();
                for (int left = AT_ONCE; left > 0 && next != null; left--) {
                    next.end();
                    next = left > 1 ? breaks.poll() : null;
                }
                awaitTurn();
            } catch (InterruptedException e) {
                log.debug("interrupted while no break was to be ended; going on", e);
            } catch (Throwable noThread) { // out of memory or threads; the next one goes on
                log.error("processes that took a break may go on all at once", noThread);
            }
        }
    }

    /// Waits until the scheduler has come to the end of the queue. A virtual thread that does
    /// nothing tells: what was submitted before it has been taken, and who runs it looks at the
    /// other queues next.
    private static void awaitTurn() {
        Break turn = new Break(Thread.currentThread());
        Thread.startVirtualThread(turn::end);
        turn.await();
    }
}
