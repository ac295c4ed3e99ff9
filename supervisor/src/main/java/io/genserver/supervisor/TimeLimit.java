package io.genserver.supervisor;

import io.genserver.Processes;
import java.time.Duration;

/// One limit for several waits in a row.
final class TimeLimit {

    private TimeLimit() {}

    /// Returns what is left of a limit.
    ///
    /// @param start when the first wait began, as [Processes#monotonicTime] tells it
    /// @return the rest of the limit; 0 if it has passed
    static Duration left(Duration limit, long start) {
        Duration waited = Duration.ofNanos(Processes.monotonicTime() - start);
        return limit.compareTo(waited) > 0 ? limit.minus(waited) : Duration.ZERO;
    }
}
