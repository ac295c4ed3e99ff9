package io.genserver.supervisor;

import io.genserver.Ok;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// How a [DynamicSupervisor] works. Source: the options of `DynamicSupervisor.init/1`.
///
/// @param maxRestarts how many restarts within the period are too many if there is one more, 0 or
///   more; by default 3
/// @param period the period, more than 0; by default 5 s
/// @param maxChildren how many children it may have at a time, those that wait to be restarted
///   among them, 0 or more; by default as many as there is room for
/// @param extraArgument what [DynamicSupervisor#startChild(io.genserver.ServerRef,
///   java.util.function.Function)] gives each child; by default [Ok#OK]
/// @param listeners who is told what it does; by default nobody
public record DynamicSupervisorFlags(
        int maxRestarts,
        Duration period,
        int maxChildren,
        Object extraArgument,
        List<Consumer<SupervisorEvent>> listeners) {

    /// The defaults: 3 restarts in 5 s, any number of children.
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

    /// The same with another limit of restarts.
    ///
    /// @param max how many restarts are allowed within the period, 0 or more
    /// @param within the period, more than 0
    /// @return the changed flags
    public DynamicSupervisorFlags withMaxRestarts(int max, Duration within) {
        return new DynamicSupervisorFlags(max, within, maxChildren, extraArgument, listeners);
    }

    /// The same with a limit of children.
    ///
    /// @param max how many children there may be at a time, 0 or more
    /// @return the changed flags
    public DynamicSupervisorFlags withMaxChildren(int max) {
        return new DynamicSupervisorFlags(maxRestarts, period, max, extraArgument, listeners);
    }

    /// The same with something for all children.
    ///
    /// @param argument what each child is given at each start
    /// @return the changed flags
    public DynamicSupervisorFlags withExtraArgument(Object argument) {
        return new DynamicSupervisorFlags(maxRestarts, period, maxChildren, argument, listeners);
    }

    /// The same with one more listener.
    ///
    /// @param listener is told what the supervisor does about its children; runs in the supervisor,
    ///   so it must be quick; what it throws is logged and goes no further
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
