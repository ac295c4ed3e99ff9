package io.genserver.runtime;

import io.genserver.GenServer;
import java.time.Duration;

/// Converts durations to the long values that the runtime counts with. Units: ns
final class TimeUnits {

    /// The value for no limit.
    static final long FOREVER = Long.MAX_VALUE;

    /// The value of [GenServer#DEFAULT_TIMEOUT].
    static final long DEFAULT = GenServer.DEFAULT_TIMEOUT.toNanos();

    /// The longest time that is counted, about 146 years. A longer timeout means no limit.
    private static final long LONGEST = Long.MAX_VALUE / 2;

    private static final Duration LONGEST_DURATION = Duration.ofNanos(LONGEST);

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
        return duration.compareTo(LONGEST_DURATION) > 0 ? FOREVER : duration.toNanos();
    }

    /// Returns the deadline of something that is due after a delay. A delay that is too long to
    /// count ends in about 146 years.
    static long after(long now, long delay) {
        return now + Math.min(delay, LONGEST);
    }

    /// Returns the deadline of something that is due at a time. It is due at once if the time has
    /// passed, and in about 146 years if the time is too far away to count.
    static long at(long now, long time) {
        if (time <= now) {
            return now;
        }
        long left = time - now;
        return left < 0 ? now + LONGEST : now + Math.min(left, LONGEST);
    }

    /// Returns a duration for people: `5 s`, `200 ms`, `infinity`.
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
