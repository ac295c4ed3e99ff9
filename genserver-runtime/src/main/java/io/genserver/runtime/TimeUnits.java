package io.genserver.runtime;

import io.genserver.GenServer;
import java.time.Duration;

/// Durations as the runtime counts them, in nanoseconds.
final class TimeUnits {

    /// No limit. Longer limits than about 146 years count as none.
    static final long FOREVER = Long.MAX_VALUE;

    /// [GenServer#DEFAULT_TIMEOUT].
    static final long DEFAULT = GenServer.DEFAULT_TIMEOUT.toNanos();

    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private TimeUnits() {}

    /// Checks and converts a timeout or a delay.
    ///
    /// @param what what it is, for the message
    static long nanos(String what, Duration duration) {
        if (duration == GenServer.DEFAULT_TIMEOUT) {
            return DEFAULT;
        }
        if (duration.isNegative()) {
            throw new IllegalArgumentException(
                    "expected " + what + " to be 0 or more, got: " + duration);
        }
        return duration.compareTo(LONGEST) > 0 ? FOREVER : duration.toNanos();
    }

    /// A duration for people: `5 s`, `200 ms`, `infinity`.
    static String text(long nanos) {
        if (nanos == FOREVER) {
            return "infinity";
        }
        if (nanos >= 10_000_000_000L || (nanos > 0 && nanos % 1_000_000_000L == 0)) {
            return nanos / 1_000_000_000L + " s";
        }
        return nanos >= 1_000_000L || nanos == 0
                ? nanos / 1_000_000L + " ms"
                : nanos / 1_000L + " µs";
    }
}
