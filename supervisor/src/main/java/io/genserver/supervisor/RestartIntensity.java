package io.genserver.supervisor;

import java.time.Duration;
import java.util.ArrayDeque;

/// Counts the restarts of the last period.
final class RestartIntensity {

    private final int max;
    private final long period; // units: ns
    private final ArrayDeque<Long> times = new ArrayDeque<>(); // oldest first, units: ns

    RestartIntensity(int max, Duration period) {
        this.max = max;
        // A period of centuries, such as GenServer.INFINITY, is for ever.
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
    /// @return whether that is still within the limit
    boolean allowsOneMore(long now) {
        while (!times.isEmpty() && now - times.getFirst() > period) {
            times.removeFirst();
        }
        times.addLast(now);
        return times.size() <= max;
    }

    /// How many restarts the period has, the last one counted.
    int count() {
        return times.size();
    }
}
