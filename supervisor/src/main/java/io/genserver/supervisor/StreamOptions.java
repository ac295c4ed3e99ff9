package io.genserver.supervisor;

import java.time.Duration;

/// How [Task#asyncStream] works. Source: the options of `Task.async_stream/3`.
///
/// @param maxConcurrency how many tasks may run at a time, 1 or more; by default as many as there
///   are processors
/// @param ordered whether the results come in the order of the elements, the default, or in the
///   order in which they are ready
/// @param timeout how long each task may take from its start, 0 or more; by default 5 s
/// @param onTimeout what happens if one takes longer; by default the consumer exits
/// @param zipInputOnExit whether the reason of a failure is a [FailedInput] that tells the element;
///   by default not
/// @param shutdown how a task under a [TaskSupervisor] is stopped by that; by default within 5 s
public record StreamOptions(
        int maxConcurrency,
        boolean ordered,
        Duration timeout,
        OnTimeout onTimeout,
        boolean zipInputOnExit,
        Shutdown shutdown) {

    /// What happens if a task takes too long.
    public enum OnTimeout {
        /// The process that consumes the stream exits, with a [TaskExitException] it may catch.
        EXIT,
        /// The task is killed, and its result is a [TaskResult.Exit] with the reason `timeout`.
        KILL_TASK
    }

    /// What failed, as the value of the exit reason of a result.
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

    /// The defaults.
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

    /// The same with another number of tasks at a time.
    ///
    /// @param max how many, 1 or more
    /// @return the changed options
    public StreamOptions withMaxConcurrency(int max) {
        return new StreamOptions(max, ordered, timeout, onTimeout, zipInputOnExit, shutdown);
    }

    /// The same with another order.
    ///
    /// @param other whether in the order of the elements
    /// @return the changed options
    public StreamOptions withOrdered(boolean other) {
        return new StreamOptions(
                maxConcurrency, other, timeout, onTimeout, zipInputOnExit, shutdown);
    }

    /// The same with another limit.
    ///
    /// @param limit how long each task may take, 0 or more
    /// @param then what happens if one takes longer
    /// @return the changed options
    public StreamOptions withTimeout(Duration limit, OnTimeout then) {
        return new StreamOptions(maxConcurrency, ordered, limit, then, zipInputOnExit, shutdown);
    }

    /// The same with or without the element in the reason of a failure.
    ///
    /// @param other whether with it
    /// @return the changed options
    public StreamOptions withZipInputOnExit(boolean other) {
        return new StreamOptions(maxConcurrency, ordered, timeout, onTimeout, other, shutdown);
    }

    /// The same with another way to stop supervised tasks.
    ///
    /// @param other the way
    /// @return the changed options
    public StreamOptions withShutdown(Shutdown other) {
        return new StreamOptions(
                maxConcurrency, ordered, timeout, onTimeout, zipInputOnExit, other);
    }
}
