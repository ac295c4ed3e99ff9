package io.genserver.supervisor;

import io.genserver.Start;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// How a supervisor starts, restarts and stops one child.
///
/// Put one beside the `startLink` of each server, with the server's class as the id:
///
/// ```java
/// public static ChildSpec<Registry> childSpec() {
///     return ChildSpec.worker(Registry.class, Registry::startLink);
/// }
/// ```
///
/// Source: `Supervisor.child_spec/2`.
///
/// @param id distinguishes the children of a supervisor
/// @param start starts the child and links it, as `startLink` does; runs in the supervisor; if it
///   throws, the start has failed
/// @param restart when the child is restarted
/// @param shutdown how the child is stopped
/// @param type whether the child is itself a supervisor
/// @param significant whether the end of the child can end the supervisor, see [AutoShutdown]
/// @param backOff how long to wait before a restart, or null to restart at once
/// @param <G> what runs in the child: a class that implements `GenServer`, an agent, a supervisor
public record ChildSpec<G>(
        Object id,
        Supplier<? extends Start<? extends G>> start,
        Restart restart,
        Shutdown shutdown,
        Type type,
        boolean significant,
        @Nullable BackOff backOff) {

    /// The kind of a child.
    public enum Type {
        /// Any process that is not a supervisor.
        WORKER,
        /// A supervisor.
        SUPERVISOR
    }

    /// Checks that nothing but the back-off is null.
    public ChildSpec {
        Arguments.notNull(id, "id");
        Arguments.notNull(start, "start");
        Arguments.notNull(restart, "restart");
        Arguments.notNull(shutdown, "shutdown");
        Arguments.notNull(type, "type");
    }

    /// Returns the specification of a worker: permanent, killed if it has not stopped within 5 s,
    /// not significant, without a back-off.
    ///
    /// @param id distinguishes the children of a supervisor
    /// @param start starts the child and links it; runs in the supervisor
    /// @param <G> what runs in the child
    /// @return the specification
    public static <G> ChildSpec<G> worker(Object id, Supplier<? extends Start<? extends G>> start) {
        return new ChildSpec<>(
                id,
                start,
                Restart.PERMANENT,
                Shutdown.within(Duration.ofSeconds(5)),
                Type.WORKER,
                false,
                null);
    }

    /// Returns the specification of a supervisor: permanent, stopped without a limit, not
    /// significant, without a back-off.
    ///
    /// @param id distinguishes the children of a supervisor
    /// @param start starts the child and links it; runs in the supervisor
    /// @param <G> what runs in the child
    /// @return the specification
    public static <G> ChildSpec<G> supervisor(
            Object id, Supplier<? extends Start<? extends G>> start) {
        return new ChildSpec<>(
                id, start, Restart.PERMANENT, Shutdown.infinity(), Type.SUPERVISOR, false, null);
    }

    /// Returns the same specification with another id, to have the child twice under one
    /// supervisor.
    ///
    /// @param other the id
    /// @return the changed specification
    public ChildSpec<G> withId(Object other) {
        return new ChildSpec<>(other, start, restart, shutdown, type, significant, backOff);
    }

    /// Returns the same specification with another rule for restarts.
    ///
    /// @param other when the child is restarted
    /// @return the changed specification
    public ChildSpec<G> withRestart(Restart other) {
        return new ChildSpec<>(id, start, other, shutdown, type, significant, backOff);
    }

    /// Returns the same specification with another shutdown.
    ///
    /// @param other how the child is stopped
    /// @return the changed specification
    public ChildSpec<G> withShutdown(Shutdown other) {
        return new ChildSpec<>(id, start, restart, other, type, significant, backOff);
    }

    /// Returns the same specification, significant or not.
    ///
    /// @param other whether the end of the child can end the supervisor, see [AutoShutdown]
    /// @return the changed specification
    public ChildSpec<G> withSignificant(boolean other) {
        return new ChildSpec<>(id, start, restart, shutdown, type, other, backOff);
    }

    /// Returns the same specification with a delay before each restart.
    ///
    /// @param other how long to wait
    /// @return the changed specification
    public ChildSpec<G> withBackOff(BackOff other) {
        Arguments.notNull(other, "backOff");
        return new ChildSpec<>(id, start, restart, shutdown, type, significant, other);
    }

    /// Returns the id as text, for messages.
    String name() {
        return text(id);
    }

    /// Returns an id as text, for messages. Never fails, because a failing `toString` of an id must
    /// not end the supervisor.
    static String text(Object id) {
        if (id instanceof Class<?> type) {
            return type.getName();
        }
        try {
            return id.toString();
        } catch (RuntimeException | StackOverflowError unprintable) {
            return "a " + id.getClass().getName() + " whose toString failed: " + unprintable;
        }
    }

    /// Returns the same specification with another start.
    ChildSpec<G> withStart(Supplier<? extends Start<? extends G>> other) {
        return new ChildSpec<>(id, other, restart, shutdown, type, significant, backOff);
    }

    /// Returns the same specification without its start, for a child that is never started again.
    ChildSpec<G> withoutStart() {
        return withStart(ChildSpec::forgotten);
    }

    private static <G> Start<G> forgotten() {
        throw new AssertionError("a temporary child is never started again");
    }

    @Override
    public String toString() {
        return "ChildSpec[id="
                + name()
                + ", restart="
                + restart
                + ", shutdown="
                + shutdown
                + ", type="
                + type
                + ", significant="
                + significant
                + (backOff == null ? "" : ", backOff=" + backOff)
                + "]";
    }
}
