package io.genserver.supervisor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// How a supervisor reacts when children end.
///
/// Source: the options of `Supervisor.init/2`.
///
/// @param strategy which children are restarted
/// @param maxRestarts how many restarts are allowed within `period`, 0 or more; with one more the
///   supervisor gives up; by default 3
/// @param period the period, more than 0; by default 5 s
/// @param autoShutdown whether the end of significant children ends the supervisor; by default
///   never
/// @param listeners get an event for each thing the supervisor does about a child; by default none
public record SupervisorFlags(
        Strategy strategy,
        int maxRestarts,
        Duration period,
        AutoShutdown autoShutdown,
        List<Consumer<SupervisorEvent>> listeners) {

    /// Checks the ranges.
    public SupervisorFlags {
        Arguments.notNull(strategy, "strategy");
        Arguments.notNull(autoShutdown, "autoShutdown");
        RestartIntensity.check(maxRestarts, period);
        listeners = Arguments.list(listeners, "listeners");
    }

    /// Returns flags with the given strategy and the defaults: 3 restarts in 5 s, no auto-shutdown,
    /// no listener.
    ///
    /// @param strategy which children are restarted
    /// @return the flags
    public static SupervisorFlags of(Strategy strategy) {
        return new SupervisorFlags(
                strategy, 3, Duration.ofSeconds(5), AutoShutdown.NEVER, List.of());
    }

    /// Returns the same flags with another limit of restarts.
    ///
    /// @param max how many restarts are allowed within the period, 0 or more
    /// @param within the period, more than 0
    /// @return the changed flags
    /// @throws IllegalArgumentException if a value is out of its range
    public SupervisorFlags withMaxRestarts(int max, Duration within) {
        return new SupervisorFlags(strategy, max, within, autoShutdown, listeners);
    }

    /// Returns the same flags with another rule for significant children.
    ///
    /// @param other the rule
    /// @return the changed flags
    public SupervisorFlags withAutoShutdown(AutoShutdown other) {
        return new SupervisorFlags(strategy, maxRestarts, period, other, listeners);
    }

    /// Returns the same flags with one more listener.
    ///
    /// @param listener gets the events; runs in the supervisor, so it must be quick; what it throws
    ///   is logged and has no other effect
    /// @return the changed flags
    public SupervisorFlags withListener(Consumer<SupervisorEvent> listener) {
        List<Consumer<SupervisorEvent>> all = new ArrayList<>(listeners);
        all.add(Arguments.notNull(listener, "listener"));
        return new SupervisorFlags(strategy, maxRestarts, period, autoShutdown, all);
    }

    @Override
    public String toString() {
        return "SupervisorFlags[strategy="
                + strategy
                + ", maxRestarts="
                + maxRestarts
                + ", period="
                + period
                + ", autoShutdown="
                + autoShutdown
                + ", listeners="
                + listeners.size()
                + "]";
    }
}
