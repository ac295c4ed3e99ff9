package io.genserver.supervisor;

import java.util.ArrayDeque;

/// Counts the restarts of the last period.
final class RestartIntensity {

    private final int max;
    private final long period; // units: ns
    private final ArrayDeque<Long> times = new ArrayDeque<>(); // oldest first, units: ns

    RestartIntensity(SupervisorFlags flags) {
        this.max = flags.maxRestarts();
        // A period of centuries, such as GenServer.INFINITY, is for ever.
        this.period = flags.period().toDays() > 100_000 ? Long.MAX_VALUE : flags.period().toNanos();
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
}
