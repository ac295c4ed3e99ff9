package io.genserver.supervisor;

import io.genserver.GenServer;
import java.time.Duration;
import java.util.function.Predicate;

/// The options of [Task#retry]. OTP has no counterpart.
///
/// ```java
/// RetryOptions.of(BackOff.of(Duration.ofMillis(100), Duration.ofSeconds(5)), 4)
///         .withExpected(failure -> failure instanceof IOException)
/// ```
///
/// @param backOff the delays between the attempts; its `resetAfter` and `maxAttempts` are for
///   restarts and have no effect here
/// @param maxAttempts how many attempts there are at most, with the first, 1 or more
/// @param expected decides which failures are worth another attempt; runs in the task's process. By
///   default every [Exception] is
/// @param attemptTimeout how long one attempt may take, more than 0; by default there is no limit
public record RetryOptions(
        BackOff backOff,
        int maxAttempts,
        Predicate<? super Throwable> expected,
        Duration attemptTimeout) {

    /// Checks the ranges.
    public RetryOptions {
        Arguments.notNull(backOff, "backOff");
        Arguments.notNull(expected, "expected");
        Arguments.notNull(attemptTimeout, "attemptTimeout");
        if (maxAttempts < 1) {
            throw new IllegalArgumentException(
                    "expected maxAttempts to be 1 or more, got: " + maxAttempts);
        }
        if (!attemptTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "expected attemptTimeout to be more than 0, got: " + attemptTimeout);
        }
    }

    /// Returns options under which every [Exception] is expected and attempts have no time limit.
    ///
    /// @param backOff the delays between the attempts
    /// @param maxAttempts how many attempts there are at most, with the first, 1 or more
    /// @return the options
    /// @throws IllegalArgumentException if the number is less than 1
    public static RetryOptions of(BackOff backOff, int maxAttempts) {
        return new RetryOptions(
                backOff, maxAttempts, Exception.class::isInstance, GenServer.INFINITY);
    }

    /// Returns the options without the predicate, which says nothing as text.
    @Override
    public String toString() {
        return "RetryOptions[backOff="
                + backOff
                + ", maxAttempts="
                + maxAttempts
                + ", attemptTimeout="
                + (attemptTimeout.equals(GenServer.INFINITY) ? "infinity" : attemptTimeout)
                + "]";
    }

    /// Returns the same options with another choice of failures.
    ///
    /// @param other decides which failures are worth another attempt. It gets what the function
    ///   threw. For an attempt that took too long, or whose process was ended by another, it gets a
    ///   [TaskExitException] with the reason
    /// @return the changed options
    public RetryOptions withExpected(Predicate<? super Throwable> other) {
        return new RetryOptions(backOff, maxAttempts, other, attemptTimeout);
    }

    /// Returns the same options with a time limit for each attempt.
    ///
    /// @param limit how long one attempt may take before its process is killed, more than 0;
    ///   [GenServer#INFINITY] for no limit
    /// @return the changed options
    /// @throws IllegalArgumentException if the limit is 0 or negative
    public RetryOptions withAttemptTimeout(Duration limit) {
        return new RetryOptions(backOff, maxAttempts, expected, limit);
    }
}
