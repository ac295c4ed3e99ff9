package io.genserver.supervisor;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The tasks of a thread that is no process, in the order in which they end. The relays of the
/// tasks add, the thread takes.
final class TaskArrivals<R extends @Nullable Object> {

    private final BlockingQueue<Task<R>> ended = new LinkedBlockingQueue<>();

    void expect(Task<R> task) {
        task.whenEnded(() -> ended.add(task));
    }

    /// Waits for the next task that ends.
    ///
    /// @return empty if the timeout passed
    /// @throws ExitException with `interrupted` if the thread is interrupted
    Optional<Task<R>> next(Duration timeout) {
        try {
            long nanos = TimeUnit.NANOSECONDS.convert(timeout); // at most Long.MAX_VALUE
            return Optional.ofNullable(ended.poll(nanos, TimeUnit.NANOSECONDS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ExitException(ExitReason.INTERRUPTED);
        }
    }
}
