package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.ServerRef;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A monitor that completes a future instead of sending a message.
///
/// The thread that completes the future runs the stages that depend on it, which are the user's
/// code. So the dying thread starts a virtual thread for that. Any thread may complete the future
/// earlier, for example by cancelling it; the monitor is then removed.
final class ExitFuture extends ExitListener {

    private final CompletableFuture<ExitReason> future = new CompletableFuture<>();
    private final Origin origin;

    private ExitFuture(LifeCycle target, ServerRef object, Origin origin) {
        super(origin.node(), target.pid, object);
        this.origin = origin;
    }

    /// Returns a future of the exit reason of a process. Any thread.
    ///
    /// @param target the process, or null if there is none
    static CompletableFuture<ExitReason> of(@Nullable LifeCycle target, ServerRef object) {
        if (target == null) {
            return CompletableFuture.completedFuture(LocalNode.absence(object));
        }
        StackRoom.require(); // a set whose change ends halfway is broken
        ExitFuture monitor = new ExitFuture(target, object, Origin.here());
        if (!target.addWatcher(monitor)) {
            return CompletableFuture.completedFuture(target.goneReason());
        }
        CompletableFuture<ExitReason> _ =
                monitor.future.whenComplete((_, _) -> LifeCycle.forget(monitor));
        return monitor.future;
    }

    /// Completes the future. The dying thread.
    ///
    /// @throws OutOfMemoryError if there is no memory for a thread; the [Healer] calls this again
    /// @throws StackOverflowError if this thread's stack ends; the [Healer] calls this again
    @Override
    void exited(ExitReason reason) {
        StackRoom.require();
        new SureRun(origin, () -> future.complete(reason)).take();
    }
}
