package io.genserver.supervisor;

import io.genserver.ExitReason;
import org.jspecify.annotations.Nullable;

/// How a [Task] ended. Source: `{:ok, value}` and `{:exit, reason}`.
///
/// @param <R> the type of the value
public sealed interface TaskResult<R extends @Nullable Object> {

    /// The task's function returned.
    ///
    /// @param value what it returned
    /// @param <R> the type of the value
    record Ok<R extends @Nullable Object>(R value) implements TaskResult<R> {}

    /// The task ended without a result.
    ///
    /// @param reason its exit reason
    /// @param <R> the type of the value
    record Exit<R extends @Nullable Object>(ExitReason reason) implements TaskResult<R> {}
}
