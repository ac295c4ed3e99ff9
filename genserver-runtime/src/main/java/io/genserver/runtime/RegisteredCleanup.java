package io.genserver.runtime;

import io.genserver.Cleanup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A clean-up that a process has registered. It knows the process only by pid, because a
/// registration may be kept long after the process is dead.
///
/// ## Why every clean-up runs, and once
///
/// A process registers a clean-up under its lock, unless it is dead. It is marked dead under the
/// same lock. So either the dying thread finds the clean-up, or the process sees its death and
/// starts the clean-up itself.
///
/// A thread that runs or cancels it may race with the thread that runs the clean-ups of the dead
/// process. The one that takes the resource first has it, and the other one finds nothing.
final class RegisteredCleanup implements Cleanup {

    private static final Logger log = LoggerFactory.getLogger(Cleanup.class);

    private final ProcessPid owner;
    private final Origin origin = Origin.here();

    /// Null once a thread has taken it to close it, or it was cancelled. Any thread.
    private final AtomicReference<@Nullable AutoCloseable> resource;

    RegisteredCleanup(ProcessPid owner, AutoCloseable resource) {
        this.owner = owner;
        this.resource = new AtomicReference<>(resource);
    }

    @Override
    public boolean run() throws Exception {
        AutoCloseable mine = take();
        if (mine == null) {
            return false;
        }
        mine.close();
        return true;
    }

    @Override
    public boolean cancel() {
        return take() != null;
    }

    /// Takes the resource, so that no other thread closes it.
    ///
    /// @return null if it was taken before
    private @Nullable AutoCloseable take() {
        AutoCloseable mine = resource.getAndSet(null);
        LocalProcess process = owner.process();
        if (mine != null && process != null) {
            process.removeCleanup(this);
        }
        return mine;
    }

    /// Starts a virtual thread that runs the clean-ups of a dead process, the last one first. It is
    /// not the dying thread, because the user's code may take any time and the dying thread may be
    /// a timer thread.
    ///
    /// @throws OutOfMemoryError if there is no memory for the thread
    /// @throws StackOverflowError if this thread's stack ends
    static void startAll(LocalProcess process, List<RegisteredCleanup> registered) {
        StackRoom.require();
        new AllOf(process, registered).take();
    }

    /// The clean-ups of a dead process. If memory ends, another thread goes on where this one has
    /// ended, as in [SureRun].
    private static final class AllOf extends Healer.Step implements Runnable {
        private final LocalProcess process;
        private final List<RegisteredCleanup> left;

        AllOf(LocalProcess process, List<RegisteredCleanup> registered) {
            this.process = process;
            this.left = new ArrayList<>(registered);
        }

        @Override
        void take() {
            Threads.startVirtual(this);
        }

        @Override
        public void run() {
            try {
                while (!left.isEmpty()) {
                    left.getLast().runFor(process);
                    left.removeLast();
                }
            } catch (OutOfMemoryError noMemory) {
                process.node.healer.again(this, noMemory);
            }
        }
    }

    private void runFor(LocalProcess dead) {
        origin.run(() -> {
            AutoCloseable mine = resource.getAndSet(null);
            if (mine != null) {
                closeSafely(mine, dead);
            }
        });
        Thread.interrupted(); // not meant for the next one
    }

    private static void closeSafely(AutoCloseable resource, LocalProcess dead) {
        try {
            resource.close();
        } catch (Throwable thrown) { // must not keep the other clean-ups from running
            report(thrown, dead);
        }
    }

    private static void report(Throwable thrown, LocalProcess dead) {
        try {
            log.error("a clean-up of {} failed", dead.describe(), thrown);
        } catch (Throwable hostile) { // a throwable that cannot be shown
            log.error("a clean-up of {} failed: {}", dead.pid, thrown.getClass().getName());
        }
    }
}
