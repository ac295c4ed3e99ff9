package io.genserver.runtime;

import io.genserver.Pid;
import io.genserver.spi.Machine;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Starts every thread of the runtime, and lets threads wait without a time limit. A thread that
/// belongs to a [Machine] leaves both to it.
///
/// A thread inherits nothing from the thread that happens to start it: neither inheritable thread
/// locals nor the context class loader. Otherwise a server would see the identity of whichever
/// client sent it a message while it had no thread.
final class Threads {

    /// The threads share one name, because text for each would cost memory and time.
    private static final String PROCESS = "genserver-process";

    private static final ThreadFactory VIRTUAL =
            Thread.ofVirtual().inheritInheritableThreadLocals(false).name(PROCESS).factory();

    private static final ScopedValue<Boolean> UNDISTURBED = ScopedValue.newInstance();

    private Threads() {}

    // Starting

    /// Starts a virtual thread that runs no process.
    ///
    /// @throws OutOfMemoryError if there is no memory for it
    static void startVirtual(Runnable task) {
        startVirtual(null, task);
    }

    /// Starts a virtual thread.
    ///
    /// @param process what it runs
    /// @throws OutOfMemoryError if there is no memory for it
    static void startVirtual(@Nullable Pid process, Runnable task) {
        Machine machine = Machine.current();
        if (machine == null) {
            start(VIRTUAL.newThread(task));
        } else {
            machine.start(process, PROCESS, task);
        }
    }

    /// Starts a virtual thread.
    ///
    /// @throws OutOfMemoryError if there is no memory for it
    /// @throws StackOverflowError if there is not enough stack for it; nothing has happened then
    static void start(Thread virtual) {
        StackRoom.requireForStart();
        try {
            virtual.start();
        } catch (RejectedExecutionException full) { // no memory for a longer queue
            throw noMemory(full);
        }
    }

    private static OutOfMemoryError noMemory(RejectedExecutionException full) {
        OutOfMemoryError noMemory =
                new OutOfMemoryError("the JVM's scheduler: " + full.getMessage());
        noMemory.initCause(full);
        return noMemory;
    }

    /// Starts a virtual thread with a name of its own.
    ///
    /// @param process what it runs
    /// @throws OutOfMemoryError if there is no memory for it
    static void startVirtual(Pid process, String name, Runnable task) {
        Machine machine = Machine.current();
        if (machine == null) {
            start(virtual(name, task));
        } else {
            machine.start(process, name, task);
        }
    }

    /// Returns a virtual thread that is not started yet.
    static Thread virtual(String name, Runnable task) {
        return Thread.ofVirtual().inheritInheritableThreadLocals(false).name(name).unstarted(task);
    }

    /// A thread that fires timers. It must not run the users' code.
    private static final class TimerThread extends Thread {
        TimerThread(String name, Runnable task) {
            super(null, task, name, 0, false);
            setDaemon(true);
        }
    }

    /// Starts a thread that fires timers. It does not keep the JVM alive.
    ///
    /// @param machine what starts it; null for the JVM itself
    /// @throws OutOfMemoryError if there is no memory for it, or there are too many threads
    static Thread startTimer(@Nullable Machine machine, String name, Runnable task) {
        if (machine != null) {
            return machine.start(null, name, task);
        }
        MemoryWatch.ensureStarted();
        Thread thread = new TimerThread(name, task);
        thread.start();
        return thread;
    }

    /// Returns whether the current thread fires timers, of any node that runs on no [Machine].
    static boolean isTimer() {
        return Thread.currentThread() instanceof TimerThread;
    }

    /// Runs code on a thread for which others wait, so that it must not run code of the users'.
    static void runUndisturbed(Runnable body) {
        ScopedValue.where(UNDISTURBED, Boolean.TRUE).run(body);
    }

    /// Returns whether the current thread must not run code of the users'.
    static boolean isUndisturbed() {
        return isTimer() || UNDISTURBED.isBound();
    }

    /// Starts a platform thread that does not keep the JVM alive.
    ///
    /// @param process what it runs; null for no process
    /// @throws OutOfMemoryError if there is no memory for it, or there are too many threads
    static Thread startDaemon(@Nullable Pid process, String name, Runnable task) {
        Machine machine = Machine.current();
        if (machine != null) {
            return machine.start(process, name, task);
        }
        Thread thread = daemons(name).newThread(task);
        thread.start();
        return thread;
    }

    /// Returns a factory of platform threads that do not keep the JVM alive.
    static ThreadFactory daemons(String name) {
        return Thread.ofPlatform()
                .daemon()
                .inheritInheritableThreadLocals(false)
                .name(name)
                .factory();
    }

    /// Gives the current thread the class loader that loaded the code it is about to run.
    static void useLoaderOf(Object code) {
        Thread.currentThread().setContextClassLoader(code.getClass().getClassLoader());
    }

    // Waiting

    /// Waits until the thread is unparked or interrupted. May also return for no reason.
    static void park(Object blocker) {
        Machine machine = Machine.current();
        if (machine == null) {
            LockSupport.park(blocker);
        } else {
            machine.park(Long.MAX_VALUE);
        }
    }

    /// Ends the wait of a thread, or its next wait. Does nothing if the thread is null.
    ///
    /// @throws OutOfMemoryError if there is no memory for it
    static void unpark(@Nullable Thread thread) {
        if (thread == null) {
            return;
        }
        Machine machine = Machine.of(thread);
        if (machine != null) {
            machine.unpark(thread);
            return;
        }
        try {
            LockSupport.unpark(thread);
        } catch (RejectedExecutionException full) {
            throw noMemory(full);
        }
    }

    /// Makes sure that the wait of a thread that fires timers ends at a time, or earlier.
    ///
    /// @param time units: ns of the thread's clock
    static void wakeBy(Thread timers, long time) {
        Machine machine = Machine.of(timers);
        if (machine == null) {
            LockSupport.unpark(timers);
        } else {
            machine.wakeBy(timers, time);
        }
    }

    static void interrupt(Thread thread) {
        Machine machine = Machine.of(thread);
        if (machine == null) {
            thread.interrupt();
        } else {
            machine.interrupt(thread);
        }
    }
}
