package io.genserver.supervisor;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The result of [Task#toFuture]. To cancel it is to shut the task down.
final class TaskFuture<R extends @Nullable Object> extends CompletableFuture<R> {

    private final TaskRelay.Started<R> relay;

    TaskFuture(TaskRelay.Started<R> relay) {
        this.relay = relay;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled && mayInterruptIfRunning) {
            relay.stop(Shutdown.within(Task.DEFAULT_TIMEOUT));
        }
        return cancelled;
    }

    /// The futures that depend on this one are not tasks.
    @Override
    public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
