package io.genserver.supervisor;

import io.genserver.GenServer;
import io.genserver.spi.Machine;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// How long a supervisor waits before it restarts a child. The delay grows with each restart in a
/// row.
///
/// Use it for a child that fails because something outside is down. Without a back-off, restarts
/// follow each other at once, and the supervisor soon gives up.
///
/// ```java
/// ChildSpec.worker(Feed.class, Feed::startLink)
///         .withBackOff(BackOff.of(Duration.ofMillis(100), Duration.ofSeconds(30)));
/// ```
///
/// - Restarts with a back-off do not count towards the supervisor's `maxRestarts`.
///   [#withMaxAttempts] sets a limit for them.
/// - A child that has run for long enough counts as healthy: its next restart is the first in a row
///   again. "Long enough" is `resetAfter`: by default ten times the longest delay, and at least a
///   minute.
/// - During the delay the child counts as restarting. The supervisor answers requests and can be
///   stopped.
/// - Under [Strategy#ONE_FOR_ALL] and [Strategy#REST_FOR_ONE], the children that restart with this
///   one are stopped at once, and start together with it.
/// - A back-off applies to restarts only. If the child fails in the first start of its supervisor,
///   the supervisor does not start.
///
/// [Task#retry] waits between two attempts in the same way. OTP has no counterpart.
///
/// @param initial the delay before the first restart, more than 0
/// @param maximum the longest delay, before the jitter; `initial` or more
/// @param factor each delay is this many times as long as the one before, 1 or more
/// @param jitter the part of a delay by which it is shortened or lengthened at random, from 0 to 1,
///   so that many children do not restart at the same moment
/// @param resetAfter a child that has run for this long before it ends counts as healthy, and its
///   delays start from `initial` again; 0 or more
/// @param maxAttempts how many restarts in a row the supervisor makes without a healthy run of the
///   child before it gives up, 1 or more; [Integer#MAX_VALUE] for no limit
public record BackOff(
        Duration initial,
        Duration maximum,
        double factor,
        double jitter,
        Duration resetAfter,
        int maxAttempts) {

    /// Checks the ranges.
    public BackOff {
        Arguments.notNull(initial, "initial");
        Arguments.notNull(maximum, "maximum");
        Arguments.notNull(resetAfter, "resetAfter");
        if (!initial.isPositive()) {
            throw new IllegalArgumentException(
                    "expected the initial back-off to be more than 0, got: " + initial);
        }
        if (maximum.compareTo(initial) < 0) {
            throw new IllegalArgumentException(
                    "expected the maximum back-off to be at least the initial one, "
                            + initial
                            + ", got: "
                            + maximum);
        }
        if (!(factor >= 1 && factor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "expected the back-off's factor to be 1 or more, got: " + factor);
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException(
                    "expected the back-off's jitter to be between 0 and 1, got: " + jitter);
        }
        if (resetAfter.isNegative()) {
            throw new IllegalArgumentException(
                    "expected the back-off's resetAfter to be 0 or more, got: " + resetAfter);
        }
        if (maxAttempts < 1) {
            throw new IllegalArgumentException(
                    "expected the back-off's maxAttempts to be 1 or more, got: " + maxAttempts);
        }
    }

    /// The shortest time after which a child counts as healthy, unless another is given.
    private static final Duration LEAST_RESET = Duration.ofMinutes(1);

    private static final int RESET_FACTOR = 10;

    /// Returns a back-off with a factor of 2, a jitter of 0.1 and no limit of restarts. A child
    /// counts as healthy after ten times `maximum`, and at the earliest after a minute.
    ///
    /// @param initial the delay before the first restart, more than 0
    /// @param maximum the longest delay, before the jitter; `initial` or more
    /// @return the back-off
    /// @throws IllegalArgumentException if a value is out of its range
    public static BackOff of(Duration initial, Duration maximum) {
        Arguments.notNull(initial, "initial");
        Arguments.notNull(maximum, "maximum");
        return new BackOff(initial, maximum, 2, 0.1, resetAfter(maximum), Integer.MAX_VALUE);
    }

    private static Duration resetAfter(Duration maximum) {
        if (maximum.compareTo(GenServer.INFINITY.dividedBy(RESET_FACTOR)) > 0) {
            return GenServer.INFINITY;
        }
        Duration multiple = maximum.multipliedBy(RESET_FACTOR);
        return multiple.compareTo(LEAST_RESET) > 0 ? multiple : LEAST_RESET;
    }

    /// Returns the same back-off with another factor.
    ///
    /// @param other each delay is this many times as long as the one before, 1 or more
    /// @return the changed back-off
    /// @throws IllegalArgumentException if the factor is out of its range
    public BackOff withFactor(double other) {
        return new BackOff(initial, maximum, other, jitter, resetAfter, maxAttempts);
    }

    /// Returns the same back-off with another jitter.
    ///
    /// @param other the part of a delay by which it is shortened or lengthened at random, from 0 to
    ///   1
    /// @return the changed back-off
    /// @throws IllegalArgumentException if the jitter is out of its range
    public BackOff withJitter(double other) {
        return new BackOff(initial, maximum, factor, other, resetAfter, maxAttempts);
    }

    /// Returns the same back-off with another time after which a child counts as healthy.
    ///
    /// @param other the time, 0 or more
    /// @return the changed back-off
    /// @throws IllegalArgumentException if the time is negative
    public BackOff withResetAfter(Duration other) {
        return new BackOff(initial, maximum, factor, jitter, other, maxAttempts);
    }

    /// Returns the same back-off with a limit of restarts in a row.
    ///
    /// The limit counts the restarts since the child was last healthy. So the time after which it
    /// counts as healthy belongs to the limit. Choose one that is longer than the child usually
    /// lives before it fails. With [GenServer#INFINITY] all restarts of the child count.
    ///
    /// @param attempts how many restarts in a row the supervisor makes before it gives up, 1 or
    ///   more
    /// @param healthyAfter a child that has run for this long before it ends is healthy, and the
    ///   count starts again; 0 or more
    /// @return the changed back-off
    /// @throws IllegalArgumentException if the limit is less than 1, or the time is negative
    public BackOff withMaxAttempts(int attempts, Duration healthyAfter) {
        return new BackOff(initial, maximum, factor, jitter, healthyAfter, attempts);
    }

    /// Returns the delay before a restart, more than 0.
    ///
    /// @param attempt 1 for the first restart in a row
    Duration delay(int attempt) {
        double limited = Math.min(nanos(initial) * Math.pow(factor, attempt - 1.0), nanos(maximum));
        Machine machine = Machine.current();
        double random =
                machine == null
                        ? ThreadLocalRandom.current().nextDouble(-1, 1)
                        : 2 * machine.random() - 1;
        return Duration.ofNanos(Math.max(1, (long) (limited * (1 + jitter * random))));
    }

    private static double nanos(Duration duration) {
        return duration.getSeconds() * 1e9 + duration.getNano();
    }
}
