package io.genserver.supervisor;

import io.genserver.Ok;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The limits, the extra argument and the listeners of a [DynamicSupervisor]. Source: the options
/// of `DynamicSupervisor.init/1`.
///
/// @param maxRestarts how many restarts are allowed within `period`, 0 or more; with one more the
///   supervisor gives up; by default 3
/// @param period the period, more than 0; by default 5 s
/// @param maxChildren how many children the supervisor may have at a time, including those that
///   wait for a restart, 0 or more; by default [Integer#MAX_VALUE]
/// @param extraArgument the argument of the functions given to
///   [DynamicSupervisor#startChild(io.genserver.ProcessRef, java.util.function.Function)]; by
///   default [Ok#OK]
/// @param listeners get an event for each thing the supervisor does about a child; by default none
public record DynamicSupervisorFlags(
        int maxRestarts,
        Duration period,
        int maxChildren,
        Object extraArgument,
        List<Consumer<SupervisorEvent>> listeners) {

    /// The defaults: 3 restarts in 5 s, no limit of children, no listener.
    public static final DynamicSupervisorFlags DEFAULT =
            new DynamicSupervisorFlags(
                    3, Duration.ofSeconds(5), Integer.MAX_VALUE, Ok.OK, List.of());

    /// Checks the ranges.
    public DynamicSupervisorFlags {
        Arguments.notNull(extraArgument, "extraArgument");
        RestartIntensity.check(maxRestarts, period);
        if (maxChildren < 0) {
            throw new IllegalArgumentException(
                    "expected maxChildren to be 0 or more, got: " + maxChildren);
        }
        listeners = Arguments.list(listeners, "listeners");
    }

    /// Returns the same flags with another limit of restarts.
    ///
    /// @param max how many restarts are allowed within the period, 0 or more
    /// @param within the period, more than 0
    /// @return the changed flags
    /// @throws IllegalArgumentException if a value is out of its range
    public DynamicSupervisorFlags withMaxRestarts(int max, Duration within) {
        return new DynamicSupervisorFlags(max, within, maxChildren, extraArgument, listeners);
    }

    /// Returns the same flags with another limit of children.
    ///
    /// @param max how many children the supervisor may have at a time, 0 or more
    /// @return the changed flags
    /// @throws IllegalArgumentException if the limit is negative
    public DynamicSupervisorFlags withMaxChildren(int max) {
        return new DynamicSupervisorFlags(maxRestarts, period, max, extraArgument, listeners);
    }

    /// Returns the same flags with another extra argument.
    ///
    /// @param argument the argument of the functions that make the children
    /// @return the changed flags
    public DynamicSupervisorFlags withExtraArgument(Object argument) {
        return new DynamicSupervisorFlags(maxRestarts, period, maxChildren, argument, listeners);
    }

    /// Returns the same flags with one more listener.
    ///
    /// @param listener gets the events; runs in the supervisor, so it must be quick; what it throws
    ///   is logged and has no other effect
    /// @return the changed flags
    public DynamicSupervisorFlags withListener(Consumer<SupervisorEvent> listener) {
        List<Consumer<SupervisorEvent>> all = new ArrayList<>(listeners);
        all.add(Arguments.notNull(listener, "listener"));
        return new DynamicSupervisorFlags(maxRestarts, period, maxChildren, extraArgument, all);
    }

    @Override
    public String toString() {
        return "DynamicSupervisorFlags[maxRestarts="
                + maxRestarts
                + ", period="
                + period
                + ", maxChildren="
                + maxChildren
                + ", extraArgument="
                + extraArgument
                + ", listeners="
                + listeners.size()
                + "]";
    }
}
