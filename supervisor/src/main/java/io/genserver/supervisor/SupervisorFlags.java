package io.genserver.supervisor;

import java.time.Duration;
import java.util.Objects;

/// How a supervisor reacts when children end.
///
/// Source: the options of `Supervisor.init/2`.
///
/// @param strategy which children are restarted
/// @param maxRestarts how many restarts within the period are too many if there is one more, 0 or
///   more; by default 3
/// @param period the period, more than 0; by default 5 s
/// @param autoShutdown whether significant children end the supervisor; by default never
public record SupervisorFlags(
        Strategy strategy, int maxRestarts, Duration period, AutoShutdown autoShutdown) {

    /// Checks the ranges.
    public SupervisorFlags {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(autoShutdown, "autoShutdown");
        if (maxRestarts < 0) {
            throw new IllegalArgumentException(
                    "expected maxRestarts to be 0 or more, got: " + maxRestarts);
        }
        if (!period.isPositive()) {
            throw new IllegalArgumentException("expected period to be more than 0, got: " + period);
        }
    }

    /// The defaults with a strategy: 3 restarts in 5 s.
    ///
    /// @param strategy which children are restarted
    /// @return the flags
    public static SupervisorFlags of(Strategy strategy) {
        return new SupervisorFlags(strategy, 3, Duration.ofSeconds(5), AutoShutdown.NEVER);
    }

    /// The same with another limit of restarts.
    ///
    /// @param max how many restarts are allowed within the period, 0 or more
    /// @param within the period, more than 0
    /// @return the changed flags
    public SupervisorFlags withMaxRestarts(int max, Duration within) {
        return new SupervisorFlags(strategy, max, within, autoShutdown);
    }

    /// The same with another rule for significant children.
    ///
    /// @param other the rule
    /// @return the changed flags
    public SupervisorFlags withAutoShutdown(AutoShutdown other) {
        return new SupervisorFlags(strategy, maxRestarts, period, other);
    }
}
