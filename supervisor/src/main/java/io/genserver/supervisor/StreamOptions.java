package io.genserver.supervisor;

import java.time.Duration;

/// The options of [Task#asyncStream]. Source: the options of `Task.async_stream/3`.
///
/// @param maxConcurrency how many tasks may run at a time, 1 or more; by default the number of
///   processors
/// @param ordered true if the results come in the order of the elements, the default; false if they
///   come in the order in which they are ready
/// @param timeout how long each task may take from its start, 0 or more; by default 5 s
/// @param onTimeout what happens if a task takes longer; by default [OnTimeout#EXIT]
/// @param zipInputOnExit whether the reason of a failed result is a [FailedInput] that contains the
///   element; by default false
/// @param shutdown how a [TaskSupervisor] stops a task when it stops itself; by default within 5 s
public record StreamOptions(
        int maxConcurrency,
        boolean ordered,
        Duration timeout,
        OnTimeout onTimeout,
        boolean zipInputOnExit,
        Shutdown shutdown) {

    /// What happens if a task takes longer than its timeout.
    public enum OnTimeout {
        /// The stream is closed and throws a [TaskExitException] to the process that consumes it.
        EXIT,
        /// The task is killed. Its result is a [TaskResult.Exit] with the reason `timeout`.
        KILL_TASK
    }

    /// The value of the exit reason of a failed result, if [StreamOptions#zipInputOnExit] is set.
    ///
    /// @param input the element
    /// @param reason why its task ended
    public record FailedInput(Object input, io.genserver.ExitReason reason) {}

    /// Checks the ranges.
    public StreamOptions {
        if (maxConcurrency < 1) {
            throw new IllegalArgumentException(
                    "expected maxConcurrency to be 1 or more, got: " + maxConcurrency);
        }
        Arguments.notNull(onTimeout, "onTimeout");
        Arguments.notNull(shutdown, "shutdown");
        Arguments.time(timeout, "timeout");
    }

    /// Returns the defaults.
    ///
    /// @return the options
    public static StreamOptions defaults() {
        return new StreamOptions(
                Runtime.getRuntime().availableProcessors(),
                true,
                Task.DEFAULT_TIMEOUT,
                OnTimeout.EXIT,
                false,
                Shutdown.within(Task.DEFAULT_TIMEOUT));
    }

    /// Returns the same options with another number of tasks at a time.
    ///
    /// @param max how many tasks may run at a time, 1 or more
    /// @return the changed options
    /// @throws IllegalArgumentException if the number is less than 1
    public StreamOptions withMaxConcurrency(int max) {
        return new StreamOptions(max, ordered, timeout, onTimeout, zipInputOnExit, shutdown);
    }

    /// Returns the same options with another order of the results.
    ///
    /// @param other true for the order of the elements, false for the order in which the results
    ///   are ready
    /// @return the changed options
    public StreamOptions withOrdered(boolean other) {
        return new StreamOptions(
                maxConcurrency, other, timeout, onTimeout, zipInputOnExit, shutdown);
    }

    /// Returns the same options with another timeout of a task.
    ///
    /// @param limit how long each task may take from its start, 0 or more
    /// @param then what happens if a task takes longer
    /// @return the changed options
    /// @throws IllegalArgumentException if the limit is negative
    public StreamOptions withTimeout(Duration limit, OnTimeout then) {
        return new StreamOptions(maxConcurrency, ordered, limit, then, zipInputOnExit, shutdown);
    }

    /// Returns the same options, with or without the element in the reason of a failed result.
    ///
    /// @param other whether the reason is a [FailedInput]
    /// @return the changed options
    public StreamOptions withZipInputOnExit(boolean other) {
        return new StreamOptions(maxConcurrency, ordered, timeout, onTimeout, other, shutdown);
    }

    /// Returns the same options with another way to stop supervised tasks.
    ///
    /// @param other how a [TaskSupervisor] stops a task when it stops itself
    /// @return the changed options
    public StreamOptions withShutdown(Shutdown other) {
        return new StreamOptions(
                maxConcurrency, ordered, timeout, onTimeout, zipInputOnExit, other);
    }
}
