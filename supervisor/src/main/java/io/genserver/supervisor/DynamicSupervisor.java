package io.genserver.supervisor;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.ProcessRef;
import io.genserver.Start;
import io.genserver.StartOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// A supervisor that starts without children and gets them while it runs, such as one child for
/// each user, connection or bucket.
///
/// ```java
/// Pid buckets = DynamicSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
/// Pid bucket = DynamicSupervisor.startChild(buckets, Bucket.childSpec()).pid();
/// ```
///
/// The supervisor knows its children by their pids. So the same [ChildSpec] may be started any
/// number of times, and its id appears only in reports. The time to start, find or stop one child
/// does not depend on the number of children.
///
/// ## Restarting
///
/// Each child is restarted on its own, as under a [Supervisor] with [Strategy#ONE_FOR_ONE]. If the
/// `init` of a restarted child returns ignore, the supervisor forgets the child.
///
/// ## Stopping
///
/// When the supervisor ends, it stops all children at the same time, each as its [Shutdown] says.
/// It tells them in the order of their start. It waits for the first children to end before it
/// tells the next, for up to 0.1 s in all. So children that end at once end in the order of their
/// start.
///
/// ## When not to use it
///
/// For a fixed set of children, or for children that need others to start before them, use a
/// [Supervisor]. If one supervisor process is too slow to start the children, use a
/// [PartitionSupervisor].
///
/// Source: Elixir's `DynamicSupervisor`.
public final class DynamicSupervisor {

    private DynamicSupervisor() {}

    /// Starts a dynamic supervisor, links it to the calling process, and waits until it has
    /// started.
    ///
    /// On a thread that is not a process there is nothing to link, so this method does the same as
    /// [#start].
    ///
    /// Source: `DynamicSupervisor.start_link/1`.
    ///
    /// @param flags the limits, the extra argument and the listeners
    /// @param options name, init timeout and others; see [StartOption]
    /// @return how the start went
    /// @throws io.genserver.ExitException as [GenServer#startLink] does
    /// @throws IllegalArgumentException if the options contradict each other
    public static Start<DynamicSupervisor> startLink(
            DynamicSupervisorFlags flags, StartOption... options) {
        return Starting.typed(
                GenServer.startLink(
                        DynamicSupervisorServer::new,
                        Arguments.notNull(flags, "flags"),
                        Arguments.notNull(options, "options")));
    }

    /// Starts a dynamic supervisor without a link and waits until it has started.
    ///
    /// @param flags the limits, the extra argument and the listeners
    /// @param options name, init timeout and others; see [StartOption]
    /// @return how the start went
    /// @throws io.genserver.ExitException as [GenServer#start] does
    /// @throws IllegalArgumentException if the options contradict each other
    public static Start<DynamicSupervisor> start(
            DynamicSupervisorFlags flags, StartOption... options) {
        return Starting.typed(
                GenServer.start(
                        DynamicSupervisorServer::new,
                        Arguments.notNull(flags, "flags"),
                        Arguments.notNull(options, "options")));
    }

    /// Returns the specification of a dynamic supervisor, as [ChildSpec#supervisor] makes it.
    /// Source: `DynamicSupervisor.child_spec/1`.
    ///
    /// @param id distinguishes the children of the supervisor above
    /// @param flags the limits, the extra argument and the listeners
    /// @param options name, init timeout and others; see [StartOption]
    /// @return the specification
    public static ChildSpec<DynamicSupervisor> childSpec(
            Object id, DynamicSupervisorFlags flags, StartOption... options) {
        Arguments.notNull(flags, "flags");
        Arguments.notNull(options, "options");
        return ChildSpec.supervisor(id, () -> startLink(flags, options));
    }

    /// Starts a child and waits, without limit, until it has started.
    ///
    /// Source: `DynamicSupervisor.start_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param child the child; its start runs in the supervisor
    /// @param <G> what runs in the child
    /// @return how the start went; fails with [ChildError#MAX_CHILDREN] if the supervisor has as
    ///   many children as its limit allows. The supervisor does not keep a child whose start failed
    ///   or whose `init` returned ignore.
    /// @throws CallException if there is no such supervisor, it is not dynamic, it is the calling
    ///   process, or it ends before it answers
    /// @throws IllegalArgumentException if the child is significant, because a dynamic supervisor
    ///   has no auto-shutdown
    public static <G> Start<G> startChild(ProcessRef supervisor, ChildSpec<G> child) {
        return startChild(supervisor, child, GenServer.INFINITY);
    }

    /// Starts a child, as [#startChild(ProcessRef, ChildSpec)] does, and waits until it has
    /// started. If the timeout passes, the supervisor still starts the child, now or after what it
    /// does first.
    ///
    /// Source: `DynamicSupervisor.start_child/2`, which waits without limit.
    ///
    /// @param supervisor the supervisor
    /// @param child the child; its start runs in the supervisor
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @param <G> what runs in the child
    /// @return how the start went, as for [#startChild(ProcessRef, ChildSpec)]
    /// @throws CallException as [#startChild(ProcessRef, ChildSpec)] does, and with `timeout` if
    ///   the supervisor does not answer in time
    /// @throws IllegalArgumentException if the child is significant, or the timeout is negative
    public static <G> Start<G> startChild(
            ProcessRef supervisor, ChildSpec<G> child, Duration timeout) {
        ChildSpec<G> same = checked(Arguments.notNull(child, "child"));
        return Starting.typed(
                SupervisorRequest.ask(
                        supervisor,
                        new SupervisorRequest.StartDynamicChild(same.id(), _ -> same),
                        timeout));
    }

    /// Starts a child that a function makes from the supervisor's extra argument, and waits,
    /// without limit, until the child has started. The function runs again for each restart of the
    /// child.
    ///
    /// Source: the option `:extra_arguments`.
    ///
    /// @param supervisor the supervisor
    /// @param child makes the child from [DynamicSupervisorFlags#extraArgument]; runs in the
    ///   supervisor
    /// @param <E> the type of the extra argument
    /// @param <G> what runs in the child
    /// @return how the start went, as for [#startChild(ProcessRef, ChildSpec)]; it also fails if
    ///   the function throws, or returns null or a significant child
    /// @throws CallException as [#startChild(ProcessRef, ChildSpec)] does
    public static <E, G> Start<G> startChild(
            ProcessRef supervisor, Function<? super E, ? extends ChildSpec<? extends G>> child) {
        return startChild(supervisor, child, GenServer.INFINITY);
    }

    /// Starts a child that a function makes, as [#startChild(ProcessRef, Function)] does, and waits
    /// until it has started. If the timeout passes, the supervisor still starts the child, now or
    /// after what it does first.
    ///
    /// Source: the option `:extra_arguments`.
    ///
    /// @param supervisor the supervisor
    /// @param child makes the child from [DynamicSupervisorFlags#extraArgument]; runs in the
    ///   supervisor
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @param <E> the type of the extra argument
    /// @param <G> what runs in the child
    /// @return how the start went, as for [#startChild(ProcessRef, Function)]
    /// @throws CallException as [#startChild(ProcessRef, ChildSpec, Duration)] does
    /// @throws IllegalArgumentException if the timeout is negative
    @SuppressWarnings("unchecked") // the caller knows the type of the extra argument
    public static <E, G> Start<G> startChild(
            ProcessRef supervisor,
            Function<? super E, ? extends ChildSpec<? extends G>> child,
            Duration timeout) {
        Arguments.notNull(child, "child");
        return Starting.typed(
                SupervisorRequest.ask(
                        supervisor,
                        new SupervisorRequest.StartDynamicChild(
                                "made from the extra argument",
                                extra ->
                                        checked(
                                                Arguments.notNull(
                                                        child.apply((E) extra),
                                                        "the child made from the extra"
                                                                + " argument"))),
                        timeout));
    }

    private static <G> ChildSpec<G> checked(ChildSpec<G> child) {
        if (child.significant()) {
            throw new IllegalArgumentException(
                    "expected no significant child under a dynamic supervisor, got: " + child.id());
        }
        return child;
    }

    /// Stops a child as its [Shutdown] says, forgets it, and waits, without limit, until it has
    /// ended.
    ///
    /// Source: `DynamicSupervisor.terminate_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param pid the child; the last pid of a child that waits for a restart
    /// @return empty if the child is stopped, otherwise [ChildError#NOT_FOUND]
    /// @throws CallException as [#startChild(ProcessRef, ChildSpec)] does
    public static Optional<ChildError> terminateChild(ProcessRef supervisor, Pid pid) {
        return SupervisorRequest.ask(
                supervisor,
                new SupervisorRequest.TerminateDynamicChild(Arguments.notNull(pid, "pid")));
    }

    /// Returns the children. Source: `DynamicSupervisor.which_children/1`.
    ///
    /// @param supervisor the supervisor
    /// @return the running children, the oldest first, then those that wait for a restart, which
    ///   have no pid
    /// @throws CallException as [Supervisor#whichChildren(ProcessRef)] does
    public static List<Child> whichChildren(ProcessRef supervisor) {
        return Supervisor.whichChildren(supervisor);
    }

    /// Returns the children, as [#whichChildren(ProcessRef)] does, and waits for a limited time.
    ///
    /// Source: `DynamicSupervisor.which_children/1`, which waits without limit.
    ///
    /// @param supervisor the supervisor
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @return as for [#whichChildren(ProcessRef)]
    /// @throws CallException as [Supervisor#whichChildren(ProcessRef, Duration)] does
    /// @throws IllegalArgumentException if the timeout is negative
    public static List<Child> whichChildren(ProcessRef supervisor, Duration timeout) {
        return Supervisor.whichChildren(supervisor, timeout);
    }

    /// Counts the children. Source: `DynamicSupervisor.count_children/1`.
    ///
    /// @param supervisor the supervisor
    /// @return the counts
    /// @throws CallException as [Supervisor#countChildren(ProcessRef)] does
    public static ChildCount countChildren(ProcessRef supervisor) {
        return Supervisor.countChildren(supervisor);
    }

    /// Counts the children, as [#countChildren(ProcessRef)] does, and waits for a limited time.
    ///
    /// Source: `DynamicSupervisor.count_children/1`, which waits without limit.
    ///
    /// @param supervisor the supervisor
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @return the counts
    /// @throws CallException as [Supervisor#countChildren(ProcessRef, Duration)] does
    /// @throws IllegalArgumentException if the timeout is negative
    public static ChildCount countChildren(ProcessRef supervisor, Duration timeout) {
        return Supervisor.countChildren(supervisor, timeout);
    }

    /// Stops a dynamic supervisor with the reason `normal`, after its children, and waits, without
    /// limit, until it has ended. Source: `DynamicSupervisor.stop/3`.
    ///
    /// @param supervisor the supervisor
    /// @throws CallException as [GenServer#stop(ProcessRef, ExitReason, Duration)] does
    public static void stop(ProcessRef supervisor) {
        Supervisor.stop(supervisor);
    }

    /// Stops a dynamic supervisor, after its children, and waits until it has ended. If the timeout
    /// passes, the supervisor still goes on stopping.
    ///
    /// Source: `DynamicSupervisor.stop/3`.
    ///
    /// @param supervisor the supervisor
    /// @param reason the exit reason
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @throws CallException as [GenServer#stop(ProcessRef, ExitReason, Duration)] does
    /// @throws IllegalArgumentException if the timeout is negative
    public static void stop(ProcessRef supervisor, ExitReason reason, Duration timeout) {
        Supervisor.stop(supervisor, reason, timeout);
    }
}
