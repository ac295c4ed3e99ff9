package io.genserver.supervisor;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A process that starts other processes, its children, starts them again when they crash, and
/// stops them in reverse order when it ends.
///
/// ```java
/// Pid supervisor = Supervisor.startLink(
///         List.of(Registry.childSpec()),
///         SupervisorFlags.of(Strategy.ONE_FOR_ONE)).pid();
/// ```
///
/// ## Starting
///
/// Children are started one after the other, each when the one before has returned from its init.
/// If one fails, those before it are stopped in reverse order and the supervisor does not start;
/// its reason is `{shutdown, }` with a [FailedToStartChild].
///
/// ## Restarting
///
/// [Restart] says whether a child that ended is started again, [Strategy] which others with it.
/// More than `maxRestarts` within the period are a sign that restarting does not help: then the
/// supervisor stops all its children and exits `shutdown`, and its own supervisor takes over. A
/// restart that fails counts and is tried again at once, between other messages, so that the
/// supervisor answers and can be stopped meanwhile.
///
/// ## Stopping
///
/// Children are stopped one at a time, the last started first, each as its [Shutdown] says: told to
/// by an exit signal, then killed when its time is up.
///
/// ## When not to use it
///
/// For children that come and go by the thousand: each stop and lookup walks over all children.
///
/// Source: Elixir's `Supervisor`, Erlang's `supervisor`.
public final class Supervisor {

    private Supervisor() {}

    /// Starts a supervisor linked to the calling process, with its children. Source:
    /// `Supervisor.start_link/2`.
    ///
    /// @param children its children, in the order to start them
    /// @param flags how it reacts when they end
    /// @param options name, init timeout, …
    /// @return how it went
    public static Start startLink(
            List<ChildSpec> children, SupervisorFlags flags, StartOption... options) {
        return GenServer.startLink(
                SupervisorServer::new,
                inline(children, flags),
                Arguments.notNull(options, "options"));
    }

    /// Starts a supervisor without a link; for a thread that is no process this is the same as
    /// [#startLink].
    ///
    /// @param children its children, in the order to start them
    /// @param flags how it reacts when they end
    /// @param options name, init timeout, …
    /// @return how it went
    public static Start start(
            List<ChildSpec> children, SupervisorFlags flags, StartOption... options) {
        return GenServer.start(
                SupervisorServer::new,
                inline(children, flags),
                Arguments.notNull(options, "options"));
    }

    private static SupervisorServer.Argument inline(
            List<ChildSpec> children, SupervisorFlags flags) {
        SupervisorInit init = SupervisorInit.of(children, flags);
        return new SupervisorServer.Argument(() -> init, Supervisor.class);
    }

    /// Starts a supervisor that decides about its children itself, linked to the calling process.
    /// Source: `Supervisor.start_link/3`.
    ///
    /// @param module decides; runs in the supervisor
    /// @param argument the argument of its init
    /// @param options name, init timeout, …
    /// @param <A> the type of the argument
    /// @return how it went
    public static <A> Start startLink(
            SupervisorModule<A> module, A argument, StartOption... options) {
        return startLink(
                Arguments.notNull(module, "module").getClass(),
                module,
                argument,
                Arguments.notNull(options, "options"));
    }

    /// Starts a supervisor that is shown as a given class.
    static <A> Start startLink(
            Class<?> shown, SupervisorModule<A> module, A argument, StartOption... options) {
        return GenServer.startLink(
                SupervisorServer::new,
                new SupervisorServer.Argument(() -> module.init(argument), shown),
                options);
    }

    /// Adds a child and starts it. Source: `Supervisor.start_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param child the child
    /// @return how it went; [ExitReason.AlreadyStarted] if a child of that id runs,
    ///   [ChildError#ALREADY_PRESENT] if one is known that does not; a child that ignores is kept,
    ///   unless it is temporary; one that fails is not
    /// @throws CallException if there is no such supervisor, or it is a dynamic one
    public static Start startChild(ServerRef supervisor, ChildSpec child) {
        return SupervisorRequest.ask(
                supervisor, new SupervisorRequest.StartChild(Arguments.notNull(child, "child")));
    }

    /// Stops a child as its [Shutdown] says. It stays known, to be restarted or deleted, unless it
    /// is temporary. Source: `Supervisor.terminate_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param id the child
    /// @return empty if it does not run now, else [ChildError#NOT_FOUND]
    /// @throws CallException if there is no such supervisor, or it is a dynamic one
    public static Optional<ChildError> terminateChild(ServerRef supervisor, Object id) {
        return SupervisorRequest.ask(
                supervisor, new SupervisorRequest.TerminateChild(Arguments.notNull(id, "id")));
    }

    /// Starts a known child that does not run. Source: `Supervisor.restart_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param id the child
    /// @return how it went; [ChildError#NOT_FOUND], [ChildError#RUNNING] or [ChildError#RESTARTING]
    ///   as the reason if it cannot be started
    /// @throws CallException if there is no such supervisor, or it is a dynamic one
    public static Start restartChild(ServerRef supervisor, Object id) {
        return SupervisorRequest.ask(
                supervisor, new SupervisorRequest.RestartChild(Arguments.notNull(id, "id")));
    }

    /// Forgets a child that does not run. Source: `Supervisor.delete_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param id the child
    /// @return empty if it is forgotten, else [ChildError#NOT_FOUND], [ChildError#RUNNING] or
    ///   [ChildError#RESTARTING]
    /// @throws CallException if there is no such supervisor, or it is a dynamic one
    public static Optional<ChildError> deleteChild(ServerRef supervisor, Object id) {
        return SupervisorRequest.ask(
                supervisor, new SupervisorRequest.DeleteChild(Arguments.notNull(id, "id")));
    }

    /// The children, the latest started first. Source: `Supervisor.which_children/1`.
    ///
    /// @param supervisor the supervisor; of a dynamic one the oldest comes first
    /// @return its children
    /// @throws CallException if there is no such supervisor
    public static List<Child> whichChildren(ServerRef supervisor) {
        return SupervisorRequest.ask(supervisor, new SupervisorRequest.WhichChildren());
    }

    /// How many children there are. Source: `Supervisor.count_children/1`.
    ///
    /// @param supervisor the supervisor, a dynamic one too
    /// @return the counts
    /// @throws CallException if there is no such supervisor
    public static ChildCount countChildren(ServerRef supervisor) {
        return SupervisorRequest.ask(supervisor, new SupervisorRequest.CountChildren());
    }

    /// Stops a supervisor with the reason `normal`, its children before it, and waits until they
    /// have ended. Source: `Supervisor.stop/3`.
    ///
    /// @param supervisor the supervisor
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void stop(ServerRef supervisor) {
        stop(supervisor, ExitReason.NORMAL);
    }

    /// Stops a supervisor, its children before it, and waits without limit until they have ended.
    /// Source: `Supervisor.stop/3`.
    ///
    /// @param supervisor the supervisor
    /// @param reason the reason it is to exit with
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void stop(ServerRef supervisor, ExitReason reason) {
        stop(supervisor, reason, GenServer.INFINITY);
    }

    /// Stops a supervisor, its children before it, and waits until they have ended. Source:
    /// `Supervisor.stop/3`.
    ///
    /// @param supervisor the supervisor
    /// @param reason the reason it is to exit with
    /// @param timeout how long to wait, 0 or more
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void stop(ServerRef supervisor, ExitReason reason, Duration timeout) {
        GenServer.stop(
                Arguments.notNull(supervisor, "supervisor"),
                Arguments.notNull(reason, "reason"),
                Arguments.time(timeout, "timeout"));
    }
}
