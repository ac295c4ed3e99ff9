package io.genserver.runtime;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.SoftReference;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Lets virtual threads run again that stand still since memory has ended.
///
/// The JVM needs memory to take a virtual thread that waits off its carrier thread. If there is
/// none, the thread waits on the carrier. If each carrier is held up by such a thread, no virtual
/// thread runs, also not the ones that they wait for. When a thread that holds up its carrier is
/// unparked for no reason, it looks at what it waits for and waits again, without the carrier if
/// there is memory. So all threads that the runtime knows are unparked.
///
/// The JVM clears soft references before it throws an `OutOfMemoryError`. It also clears them for
/// less. So a cleared one means that memory may have ended, and then this first looks whether
/// virtual threads run. One platform thread of the JVM does all this. It waits without a limit
/// while no reference is cleared.
final class MemoryWatch {

    /// How long a virtual thread may take to begin before threads are unparked. Units: ms
    private static final long PATIENCE = 500;

    private static final long PAUSE = 10_000_000L; // units: ns

    private static final ReferenceQueue<Object> CLEARED = new ReferenceQueue<>();

    /// Null while memory may have ended. Only the thread of the watch.
    private static @Nullable SoftReference<Object> canary;

    /// Unparks all threads that the runtime knows. Written once, before the watch starts.
    private static volatile Runnable heals = () -> {};

    /// Guarded.
    private static boolean started;

    private MemoryWatch() {}

    /// Says how threads are unparked.
    static void healsWith(Runnable unparkAll) {
        heals = unparkAll;
    }

    /// Starts the watch, once. Any thread.
    ///
    /// @throws OutOfMemoryError if there is no memory for its thread
    static synchronized void ensureStarted() {
        if (!started) {
            Threads.daemons("genserver-memory").newThread(MemoryWatch::watch).start();
            started = true;
        }
    }

    private static void watch() {
        boolean ended = false;
        while (true) {
            try {
                if (canary == null) { // before the look, so that no end of memory is missed
                    canary = new SoftReference<>(new Object(), CLEARED);
                }
                if (ended) {
                    letVirtualThreadsRun();
                }
                ended = false;
                CLEARED.remove();
                canary = null;
                ended = true;
            } catch (Throwable noMemory) { // tries again
                LockSupport.parkNanos(PAUSE);
            }
        }
    }

    private static void letVirtualThreadsRun() throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(1);
        Threads.startVirtual(runs::countDown);
        while (!runs.await(PATIENCE, TimeUnit.MILLISECONDS)) {
            heals.run();
        }
    }
}
