package io.genserver.supervisor;

import io.genserver.Processes;
import java.time.Duration;

/// A limit for several waits in a row.
final class TimeLimit {

    private TimeLimit() {}

    /// What is left of a limit.
    ///
    /// @param start when it began, in [Processes#monotonicTime]
    /// @return 0 if it is over
    static Duration left(Duration limit, long start) {
        Duration waited = Duration.ofNanos(Processes.monotonicTime() - start);
        return limit.compareTo(waited) > 0 ? limit.minus(waited) : Duration.ZERO;
    }
}
