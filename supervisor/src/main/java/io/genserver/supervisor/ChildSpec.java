package io.genserver.supervisor;

import io.genserver.Start;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// How a supervisor starts, restarts and stops one child.
///
/// Have one beside the `startLink` of each server, with the server's class as its id:
///
/// ```java
/// public static ChildSpec childSpec() {
///     return ChildSpec.worker(Registry.class, Registry::startLink);
/// }
/// ```
///
/// Source: `Supervisor.child_spec/2`.
///
/// @param id tells the supervisor's children apart
/// @param start starts the child and links it, as `startLink` does; runs in the supervisor
/// @param restart when it is started again
/// @param shutdown how it is stopped
/// @param type whether it is a supervisor itself
/// @param significant whether its end can end the supervisor, see [AutoShutdown]
/// @param backOff how long to wait before it is started again, or null to start it at once
public record ChildSpec(
        Object id,
        Supplier<Start> start,
        Restart restart,
        Shutdown shutdown,
        Type type,
        boolean significant,
        @Nullable BackOff backOff) {

    /// What a child is.
    public enum Type {
        /// Anything but a supervisor.
        WORKER,
        /// A supervisor.
        SUPERVISOR
    }

    private static final Supplier<Start> FORGOTTEN = ChildSpec::forgotten;

    /// Checks that nothing is missing.
    public ChildSpec {
        Arguments.notNull(id, "id");
        Arguments.notNull(start, "start");
        Arguments.notNull(restart, "restart");
        Arguments.notNull(shutdown, "shutdown");
        Arguments.notNull(type, "type");
    }

    /// A worker: permanent, stopped within 5 s.
    ///
    /// @param id tells the supervisor's children apart
    /// @param start starts the child and links it
    /// @return the specification
    public static ChildSpec worker(Object id, Supplier<Start> start) {
        return new ChildSpec(
                id,
                start,
                Restart.PERMANENT,
                Shutdown.within(Duration.ofSeconds(5)),
                Type.WORKER,
                false,
                null);
    }

    /// A supervisor: permanent, given all the time it needs to stop.
    ///
    /// @param id tells the supervisor's children apart
    /// @param start starts the child and links it
    /// @return the specification
    public static ChildSpec supervisor(Object id, Supplier<Start> start) {
        return new ChildSpec(
                id, start, Restart.PERMANENT, Shutdown.infinity(), Type.SUPERVISOR, false, null);
    }

    /// The same child under another id, to have it twice under one supervisor.
    ///
    /// @param other the id
    /// @return the changed specification
    public ChildSpec withId(Object other) {
        return new ChildSpec(other, start, restart, shutdown, type, significant, backOff);
    }

    /// The same child, started again at other occasions.
    ///
    /// @param other the restart
    /// @return the changed specification
    public ChildSpec withRestart(Restart other) {
        return new ChildSpec(id, start, other, shutdown, type, significant, backOff);
    }

    /// The same child, stopped in another way.
    ///
    /// @param other the shutdown
    /// @return the changed specification
    public ChildSpec withShutdown(Shutdown other) {
        return new ChildSpec(id, start, restart, other, type, significant, backOff);
    }

    /// The same child, whose end can end the supervisor.
    ///
    /// @param other whether it is significant
    /// @return the changed specification
    public ChildSpec withSignificant(boolean other) {
        return new ChildSpec(id, start, restart, shutdown, type, other, backOff);
    }

    /// The same child, started again only after a while.
    ///
    /// @param other how long to wait
    /// @return the changed specification
    public ChildSpec withBackOff(BackOff other) {
        Arguments.notNull(other, "backOff");
        return new ChildSpec(id, start, restart, shutdown, type, significant, other);
    }

    /// The id, for people.
    String name() {
        return text(id);
    }

    /// An id, for people. Never fails: a supervisor must not end because of it.
    static String text(Object id) {
        if (id instanceof Class<?> type) {
            return type.getName();
        }
        try {
            return id.toString();
        } catch (RuntimeException | StackOverflowError unprintable) {
            return "a " + id.getClass().getName() + " that cannot be shown: " + unprintable;
        }
    }

    /// The same child, started in another way.
    ChildSpec withStart(Supplier<Start> other) {
        return new ChildSpec(id, other, restart, shutdown, type, significant, backOff);
    }

    /// The same child without what starts it, for one that is never started again.
    ChildSpec withoutStart() {
        return withStart(FORGOTTEN);
    }

    private static Start forgotten() {
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
