package io.genserver.supervisor;

import java.time.Duration;
import java.util.ArrayDeque;

/// Counts the restarts of the last period. Used only by the supervisor.
final class RestartIntensity {

    private final int max;
    private final long period; // units: ns
    private final ArrayDeque<Long> times = new ArrayDeque<>(); // oldest first, units: ns

    RestartIntensity(int max, Duration period) {
        this.max = max;
        // A longer period, such as GenServer.INFINITY, does not fit into nanoseconds.
        this.period = period.toDays() > 100_000 ? Long.MAX_VALUE : period.toNanos();
    }

    /// Checks the ranges of a limit.
    static void check(int max, Duration period) {
        if (max < 0) {
            throw new IllegalArgumentException("expected maxRestarts to be 0 or more, got: " + max);
        }
        if (!Arguments.notNull(period, "period").isPositive()) {
            throw new IllegalArgumentException("expected period to be more than 0, got: " + period);
        }
    }

    /// Counts one more restart.
    ///
    /// @param now units: ns
    /// @return whether the number of restarts is within the limit
    boolean allowsOneMore(long now) {
        while (!times.isEmpty() && now - times.getFirst() > period) {
            times.removeFirst();
        }
        times.addLast(now);
        return times.size() <= max;
    }

    /// Returns the number of restarts within the period, including the last one.
    int count() {
        return times.size();
    }
}
