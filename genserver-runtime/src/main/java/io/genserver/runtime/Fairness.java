package io.genserver.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
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
///
/// That is for sockets and all else the JDK wakes. What this library wakes need not wait for
/// breaks: while processes take some, a thread from outside that has a process to wake asks those
/// inside to do it. The next that has handled a message does, and as it is a worker of the
/// scheduler's own, the process comes right behind those that are ready. If none does so soon, the
/// thread outside wakes the process itself.
final class Fairness {

    /// After how many messages a process looks at the clock, a power of two.
    static final int BUDGET = 128;

    /// The shortest time between two breaks of a thread. Units: ns.
    private static final long BETWEEN_BREAKS = 500_000L;

    /// How many breaks end before the queue has to become empty.
    private static final int AT_ONCE = 4 * Runtime.getRuntime().availableProcessors();

    /// How long after a break the processes count as busy. Units: ns.
    private static final long BUSY = 4 * BETWEEN_BREAKS;

    /// How long to wait for one of them, some ten microseconds. Units: looks
    private static final int PATIENCE = 256;

    private static final VarHandle ERRAND;

    static {
        try {
            ERRAND = MethodHandles.lookup().findVarHandle(Fairness.class, "errand", Errand.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final Logger log = LoggerFactory.getLogger(Fairness.class);

    private final LinkedBlockingQueue<Break> breaks = new LinkedBlockingQueue<>();
    private final Clock clock;

    /// When the last break began. Races OK: it tells roughly whether processes are busy. Units: ns.
    private long lastBreak;

    /// Whom a process is to wake, by compare-and-set from null by a thread outside, and back to
    /// null by whoever does it.
    private volatile @Nullable Errand errand;

    /// A thread to be woken.
    private record Errand(Thread thread) {}

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
        runErrand();
        if ((handled & BUDGET - 1) == 0) {
            takeBreak(Context.get());
        }
    }

    /// Wakes the thread of a process. Any thread.
    void unpark(@Nullable Thread process) {
        if (process != null && process.isVirtual() && isBusyElsewhere()) {
            unparkInside(process);
        } else {
            LockSupport.unpark(process);
        }
    }

    private boolean isBusyElsewhere() {
        return !Thread.currentThread().isVirtual() && clock.nanoTime() - lastBreak < BUSY;
    }

    /// Has a process wake another, or does it if none comes along. One of the two takes the errand
    /// back to null, and who does unparks.
    void unparkInside(Thread process) {
        Errand mine = new Errand(process);
        boolean sent = false;
        for (int left = PATIENCE; left > 0; left--) {
            if (!sent) {
                sent = errand == null && ERRAND.compareAndSet(this, null, mine);
            } else if (errand != mine) {
                return;
            }
            Thread.onSpinWait();
        }
        if (!sent || ERRAND.compareAndSet(this, mine, null)) {
            LockSupport.unpark(mine.thread);
        }
    }

    /// Wakes whom a thread outside wants to have woken. A process's thread.
    void runErrand() {
        Errand wanted = errand;
        if (wanted != null && ERRAND.compareAndSet(this, wanted, null)) {
            LockSupport.unpark(wanted.thread);
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
            lastBreak = now;
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
