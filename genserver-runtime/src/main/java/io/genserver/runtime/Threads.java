package io.genserver.runtime;

import java.util.concurrent.ThreadFactory;

/// Starts every thread of the runtime.
///
/// A thread inherits nothing from the thread that happens to start it: neither inheritable thread
/// locals nor the context class loader. Otherwise a server would see the identity of whichever
/// client sent it a message while it had no thread.
final class Threads {

    /// The threads share one name, because text for each would cost memory and time.
    private static final ThreadFactory VIRTUAL =
            Thread.ofVirtual()
                    .inheritInheritableThreadLocals(false)
                    .name("genserver-process")
                    .factory();

    private Threads() {}

    /// Starts a virtual thread.
    ///
    /// @throws OutOfMemoryError if there is no memory for it
    static void startVirtual(Runnable task) {
        VIRTUAL.newThread(task).start();
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
    /// @throws OutOfMemoryError if there is no memory for it, or there are too many threads
    static Thread startTimer(String name, Runnable task) {
        Thread thread = new TimerThread(name, task);
        thread.start();
        return thread;
    }

    /// Returns whether the current thread fires timers, of any node.
    static boolean isTimer() {
        return Thread.currentThread() instanceof TimerThread;
    }

    /// Starts a platform thread that does not keep the JVM alive.
    ///
    /// @throws OutOfMemoryError if there is no memory for it, or there are too many threads
    static Thread startDaemon(String name, Runnable task) {
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
}
