package io.genserver.supervisor;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// How long a supervisor waits before it starts a child again, longer each time in a row: for a
/// child that fails because something outside is down, which will not be up again in the three
/// attempts of a second that a supervisor makes otherwise.
///
/// ```java
/// ChildSpec.worker(Feed.class, Feed::startLink)
///         .withBackOff(BackOff.of(Duration.ofMillis(100), Duration.ofSeconds(30)));
/// ```
///
/// The child's restarts then do not count towards the supervisor's `maxRestarts`, so a dependency
/// that is down for a minute does not bring the tree down; with [#withMaxAttempts] they end all the
/// same. Meanwhile the child counts as restarting, and the supervisor answers and can be stopped.
/// Under [Strategy#ONE_FOR_ALL] and [Strategy#REST_FOR_ONE] the others are stopped at once and
/// started with it.
///
/// A child that fails in the *first* start of its supervisor is not tried again: the supervisor
/// does not start, as always. OTP has nothing like it.
///
/// @param initial the wait before the first restart, more than 0
/// @param maximum the longest wait, give or take the jitter; as long as `initial` or longer
/// @param factor by how much each wait is longer than the one before, 1 or more
/// @param jitter by which part of itself a wait may be shorter or longer, at random, so that many
///   children do not try again at the same moment: 0 to 1
/// @param resetAfter a child that has run for this long counts as healthy: if it ends then, the
///   waits begin anew
/// @param maxAttempts after how many restarts in a row that did not lead to a healthy child the
///   supervisor gives up, 1 or more
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

    /// A back-off that doubles, with a jitter of a tenth, begins anew after a healthy time of the
    /// maximum, and never gives up.
    ///
    /// @param initial the wait before the first restart, more than 0
    /// @param maximum the longest wait
    /// @return the back-off
    public static BackOff of(Duration initial, Duration maximum) {
        return new BackOff(initial, maximum, 2, 0.1, maximum, Integer.MAX_VALUE);
    }

    /// The same with another factor.
    ///
    /// @param other by how much each wait is longer than the one before, 1 or more
    /// @return the changed back-off
    public BackOff withFactor(double other) {
        return new BackOff(initial, maximum, other, jitter, resetAfter, maxAttempts);
    }

    /// The same with another jitter.
    ///
    /// @param other by which part of itself a wait may be shorter or longer, 0 to 1
    /// @return the changed back-off
    public BackOff withJitter(double other) {
        return new BackOff(initial, maximum, factor, other, resetAfter, maxAttempts);
    }

    /// The same with another time after which a child counts as healthy.
    ///
    /// @param other the time, 0 or more
    /// @return the changed back-off
    public BackOff withResetAfter(Duration other) {
        return new BackOff(initial, maximum, factor, jitter, other, maxAttempts);
    }

    /// The same with an end.
    ///
    /// @param other after how many restarts in a row the supervisor gives up, 1 or more
    /// @return the changed back-off
    public BackOff withMaxAttempts(int other) {
        return new BackOff(initial, maximum, factor, jitter, resetAfter, other);
    }

    /// The wait before an attempt, more than 0.
    ///
    /// @param attempt 1 for the first restart in a row
    Duration delay(int attempt) {
        double limited = Math.min(nanos(initial) * Math.pow(factor, attempt - 1.0), nanos(maximum));
        double random = ThreadLocalRandom.current().nextDouble(-1, 1);
        return Duration.ofNanos(Math.max(1, (long) (limited * (1 + jitter * random))));
    }

    private static double nanos(Duration duration) {
        return duration.getSeconds() * 1e9 + duration.getNano();
    }
}
