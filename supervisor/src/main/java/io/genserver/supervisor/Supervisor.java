package io.genserver.supervisor;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.ProcessRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.spi.ProcessRuntime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A process that starts other processes, its children. It restarts children that crash, and stops
/// all children in reverse order when it ends.
///
/// ```java
/// Server<Supervisor> supervisor = Supervisor.startLink(
///         List.of(Registry.childSpec()),
///         SupervisorFlags.of(Strategy.ONE_FOR_ONE)).server();
/// ```
///
/// ## Starting
///
/// The supervisor starts its children one after the other, in the order of the list. It starts a
/// child when the `init` of the child before has returned. If a child does not start, the
/// supervisor stops the children before it in reverse order, and does not start either. Its reason
/// is then `{shutdown, detail}` with a [FailedToStartChild] as the detail.
///
/// ## Restarting
///
/// [Restart] decides whether a child that ended is restarted. [Strategy] decides which other
/// children are restarted with it. If a period would need more restarts than
/// [SupervisorFlags#maxRestarts] allows, restarting does not help. The supervisor then stops all
/// its children and exits with `shutdown`, and its own supervisor takes over. The reason does not
/// tell this from a stop, as in OTP. A [SupervisorEvent.GaveUp] does, and so does the exit reason
/// of an [Application], see [ReachedMaxRestartIntensity].
///
/// A restart that fails counts as well and is tried again at once. Between two attempts the
/// supervisor handles other messages, so it answers requests and can be stopped. A child with a
/// [BackOff] is restarted after a delay instead, and its restarts do not count.
///
/// ## Stopping
///
/// The supervisor stops its children one at a time, the last started first. [Shutdown] says how
/// each child is stopped: the supervisor sends it an exit signal, and kills it if it has not ended
/// in time.
///
/// ## When not to use it
///
/// For thousands of children that come and go: the time to find or stop one child grows with the
/// number of children. Use a [DynamicSupervisor].
///
/// Source: Elixir's `Supervisor`, Erlang's `supervisor`.
public final class Supervisor {

    private Supervisor() {}

    /// Starts a supervisor with the given children, links it to the calling process, and waits
    /// until all children have started.
    ///
    /// On a thread that is not a process there is nothing to link, so this method does the same as
    /// [#start].
    ///
    /// Source: `Supervisor.start_link/2`.
    ///
    /// @param children the children, in the order to start them; each needs an id of its own
    /// @param flags how the supervisor reacts when children end
    /// @param options name, init timeout and others; see [StartOption]
    /// @return how the start went; see [GenServer#startLink] for the exit signal of a failed start
    /// @throws io.genserver.ExitException as [GenServer#startLink] does
    /// @throws IllegalArgumentException if the options contradict each other
    public static Start<Supervisor> startLink(
            List<? extends ChildSpec<?>> children, SupervisorFlags flags, StartOption... options) {
        return Starting.typed(
                GenServer.startLink(
                        SupervisorServer::new,
                        inline(children, flags),
                        Arguments.notNull(options, "options")));
    }

    /// Starts a supervisor with the given children, without a link, and waits until all children
    /// have started.
    ///
    /// @param children the children, in the order to start them; each needs an id of its own
    /// @param flags how the supervisor reacts when children end
    /// @param options name, init timeout and others; see [StartOption]
    /// @return how the start went
    /// @throws io.genserver.ExitException as [GenServer#start] does
    /// @throws IllegalArgumentException if the options contradict each other
    public static Start<Supervisor> start(
            List<? extends ChildSpec<?>> children, SupervisorFlags flags, StartOption... options) {
        return Starting.typed(
                GenServer.start(
                        SupervisorServer::new,
                        inline(children, flags),
                        Arguments.notNull(options, "options")));
    }

    private static SupervisorServer.Argument inline(
            List<? extends ChildSpec<?>> children, SupervisorFlags flags) {
        SupervisorInit init = SupervisorInit.of(children, flags);
        return new SupervisorServer.Argument(() -> init, Supervisor.class);
    }

    /// Starts a supervisor whose children a module decides, links it to the calling process, and
    /// waits until all children have started.
    ///
    /// Source: `Supervisor.start_link/3`.
    ///
    /// @param module decides the children; runs in the supervisor
    /// @param argument the argument of the module's `init`
    /// @param options name, init timeout and others; see [StartOption]
    /// @param <A> the type of the argument
    /// @return how the start went; see [GenServer#startLink] for the exit signal of a failed start
    /// @throws io.genserver.ExitException as [GenServer#startLink] does
    /// @throws IllegalArgumentException if the options contradict each other
    public static <A> Start<Supervisor> startLink(
            SupervisorModule<A> module, A argument, StartOption... options) {
        return startLink(
                Arguments.notNull(module, "module").getClass(),
                module,
                argument,
                Arguments.notNull(options, "options"));
    }

    /// Starts a supervisor that reports show as the given class.
    static <A, G> Start<G> startLink(
            Class<?> shown, SupervisorModule<A> module, A argument, StartOption... options) {
        return Starting.typed(
                GenServer.startLink(
                        SupervisorServer::new,
                        new SupervisorServer.Argument(() -> module.init(argument), shown),
                        options));
    }

    /// Adds a child as the last in the order of start, starts it, and waits, without limit, until
    /// it has started.
    ///
    /// Source: `Supervisor.start_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param child the child; its start runs in the supervisor
    /// @param <G> what runs in the child
    /// @return how the start went; fails with [ExitReason.AlreadyStarted] if a child with this id
    ///   runs, and with [ChildError#ALREADY_PRESENT] if a child with this id is known but does not
    ///   run. If the child's `init` returned ignore, the supervisor keeps the child unless it is
    ///   temporary. If the start failed, the supervisor does not keep the child.
    /// @throws CallException if there is no such supervisor, it is a dynamic one, it is the calling
    ///   process, or it ends before it answers
    public static <G> Start<G> startChild(ProcessRef supervisor, ChildSpec<G> child) {
        return Starting.typed(
                SupervisorRequest.ask(
                        supervisor,
                        new SupervisorRequest.StartChild(Arguments.notNull(child, "child"))));
    }

    /// Adds a child and starts it, as [#startChild(ProcessRef, ChildSpec)] does, and waits until it
    /// has started. If the timeout passes, the supervisor still starts the child, now or after what
    /// it does first.
    ///
    /// Source: `Supervisor.start_child/2`, which waits without limit.
    ///
    /// @param supervisor the supervisor
    /// @param child the child; its start runs in the supervisor
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @param <G> what runs in the child
    /// @return how the start went, as for [#startChild(ProcessRef, ChildSpec)]
    /// @throws CallException as [#startChild(ProcessRef, ChildSpec)] does, and with `timeout` if
    ///   the supervisor does not answer in time
    /// @throws IllegalArgumentException if the timeout is negative
    public static <G> Start<G> startChild(
            ProcessRef supervisor, ChildSpec<G> child, Duration timeout) {
        return Starting.typed(
                SupervisorRequest.ask(
                        supervisor,
                        new SupervisorRequest.StartChild(Arguments.notNull(child, "child")),
                        timeout));
    }

    /// Stops a child as its [Shutdown] says and waits, without limit, until it has ended. A restart
    /// that the child waits for is dropped. The supervisor keeps the child, to be restarted or
    /// deleted, unless it is temporary.
    ///
    /// Source: `Supervisor.terminate_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param id the id of the child
    /// @return empty if the child does not run now, otherwise [ChildError#NOT_FOUND]
    /// @throws CallException as [#startChild] does
    public static Optional<ChildError> terminateChild(ProcessRef supervisor, Object id) {
        return SupervisorRequest.ask(
                supervisor, new SupervisorRequest.TerminateChild(Arguments.notNull(id, "id")));
    }

    /// Starts a known child that does not run, and waits, without limit, until it has started.
    ///
    /// Source: `Supervisor.restart_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param id the id of the child
    /// @return how the start went; fails with [ChildError#NOT_FOUND], [ChildError#RUNNING] or
    ///   [ChildError#RESTARTING] if the child cannot be started now
    /// @throws CallException as [#startChild] does
    public static Start<?> restartChild(ProcessRef supervisor, Object id) {
        return SupervisorRequest.ask(
                supervisor, new SupervisorRequest.RestartChild(Arguments.notNull(id, "id")));
    }

    /// Removes a child that does not run from the supervisor.
    ///
    /// Source: `Supervisor.delete_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param id the id of the child
    /// @return empty if the child is removed, otherwise [ChildError#NOT_FOUND],
    ///   [ChildError#RUNNING] or [ChildError#RESTARTING]
    /// @throws CallException as [#startChild] does
    public static Optional<ChildError> deleteChild(ProcessRef supervisor, Object id) {
        return SupervisorRequest.ask(
                supervisor, new SupervisorRequest.DeleteChild(Arguments.notNull(id, "id")));
    }

    /// Returns the children of a supervisor of either kind. Waits, without limit, until the
    /// supervisor has answered. Source: `Supervisor.which_children/1`.
    ///
    /// @param supervisor the supervisor
    /// @return its children, the last started first; for a dynamic supervisor the oldest first
    /// @throws CallException if there is no such supervisor, it is the calling process, or it ends
    ///   before it answers
    public static List<Child> whichChildren(ProcessRef supervisor) {
        return SupervisorRequest.ask(supervisor, new SupervisorRequest.WhichChildren());
    }

    /// Returns the children of a supervisor of either kind, as [#whichChildren(ProcessRef)] does,
    /// and waits for a limited time. A supervisor does not answer while it starts or stops a child.
    ///
    /// Source: `Supervisor.which_children/1`, which waits without limit.
    ///
    /// @param supervisor the supervisor
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @return its children, the last started first; for a dynamic supervisor the oldest first
    /// @throws CallException as [#whichChildren(ProcessRef)] does, and with `timeout` if the
    ///   supervisor does not answer in time
    /// @throws IllegalArgumentException if the timeout is negative
    public static List<Child> whichChildren(ProcessRef supervisor, Duration timeout) {
        return SupervisorRequest.ask(supervisor, new SupervisorRequest.WhichChildren(), timeout);
    }

    /// Counts the children of a supervisor of either kind. Waits, without limit, until the
    /// supervisor has answered. Source: `Supervisor.count_children/1`.
    ///
    /// @param supervisor the supervisor
    /// @return the counts
    /// @throws CallException if there is no such supervisor, it is the calling process, or it ends
    ///   before it answers
    public static ChildCount countChildren(ProcessRef supervisor) {
        return SupervisorRequest.ask(supervisor, new SupervisorRequest.CountChildren());
    }

    /// Counts the children of a supervisor of either kind, as [#countChildren(ProcessRef)] does,
    /// and waits for a limited time. A supervisor does not answer while it starts or stops a child.
    ///
    /// Source: `Supervisor.count_children/1`, which waits without limit.
    ///
    /// @param supervisor the supervisor
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @return the counts
    /// @throws CallException as [#countChildren(ProcessRef)] does, and with `timeout` if the
    ///   supervisor does not answer in time
    /// @throws IllegalArgumentException if the timeout is negative
    public static ChildCount countChildren(ProcessRef supervisor, Duration timeout) {
        return SupervisorRequest.ask(supervisor, new SupervisorRequest.CountChildren(), timeout);
    }

    /// Returns what a supervisor of any kind knows about its children, without asking it: from any
    /// thread, at once, and also while it starts or stops a child. OTP has no counterpart.
    ///
    /// @param supervisor a supervisor of this node
    /// @return what it knows; empty if the process is no supervisor, or dead
    public static Optional<SupervisorSnapshot> snapshot(Pid supervisor) {
        return ProcessRuntime.get()
                .published(Arguments.notNull(supervisor, "supervisor"))
                .filter(Children.class::isInstance)
                .map(published -> ((Children) published).snapshot());
    }

    /// Stops a supervisor with the reason `normal`, after its children, and waits, without limit,
    /// until it has ended. Source: `Supervisor.stop/3`.
    ///
    /// @param supervisor the supervisor
    /// @throws CallException as [GenServer#stop(ProcessRef, ExitReason, Duration)] does
    public static void stop(ProcessRef supervisor) {
        stop(supervisor, ExitReason.NORMAL);
    }

    /// Stops a supervisor, after its children, and waits, without limit, until it has ended.
    /// Source: `Supervisor.stop/3`.
    ///
    /// @param supervisor the supervisor
    /// @param reason the exit reason
    /// @throws CallException as [GenServer#stop(ProcessRef, ExitReason, Duration)] does
    public static void stop(ProcessRef supervisor, ExitReason reason) {
        stop(supervisor, reason, GenServer.INFINITY);
    }

    /// Stops a supervisor, after its children, and waits until it has ended. If the timeout passes,
    /// the supervisor still goes on stopping.
    ///
    /// Source: `Supervisor.stop/3`.
    ///
    /// @param supervisor the supervisor
    /// @param reason the exit reason
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @throws CallException as [GenServer#stop(ProcessRef, ExitReason, Duration)] does
    /// @throws IllegalArgumentException if the timeout is negative
    public static void stop(ProcessRef supervisor, ExitReason reason, Duration timeout) {
        GenServer.stop(
                Arguments.notNull(supervisor, "supervisor"),
                Arguments.notNull(reason, "reason"),
                Arguments.time(timeout, "timeout"));
    }
}
