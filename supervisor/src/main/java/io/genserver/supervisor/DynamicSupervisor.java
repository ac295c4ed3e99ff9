package io.genserver.supervisor;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// A supervisor that begins without children and is given them while it runs: one for each user,
/// connection or bucket, as many as there is room for.
///
/// ```java
/// Pid buckets = DynamicSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
/// Pid bucket = DynamicSupervisor.startChild(buckets, Bucket.childSpec()).pid();
/// ```
///
/// Children are known by their pid: the same [ChildSpec] may be started any number of times, and
/// its id serves reports only. Starting, finding and stopping a child takes the same time however
/// many there are.
///
/// ## Restarting
///
/// As under a [Supervisor] with [Strategy#ONE_FOR_ONE]: each child on its own. A child that ignores
/// when it is restarted is forgotten.
///
/// ## Stopping
///
/// When it ends, all children are stopped at the same time, each as its [Shutdown] says. They are
/// told in the order of their start, the first of them with a pause of up to a tenth of a second in
/// all, so that children that end at once end in that order.
///
/// ## When not to use it
///
/// For a fixed set of children, or if one needs another that was started before it: use a
/// [Supervisor]. If one process is too busy starting children, see [PartitionSupervisor].
///
/// Source: Elixir's `DynamicSupervisor`.
public final class DynamicSupervisor {

    private DynamicSupervisor() {}

    /// Starts a dynamic supervisor linked to the calling process. Source:
    /// `DynamicSupervisor.start_link/1`.
    ///
    /// @param flags how it works
    /// @param options name, init timeout, …
    /// @return how it went
    public static Start startLink(DynamicSupervisorFlags flags, StartOption... options) {
        return GenServer.startLink(
                DynamicSupervisorServer::new,
                Arguments.notNull(flags, "flags"),
                Arguments.notNull(options, "options"));
    }

    /// Starts a dynamic supervisor without a link.
    ///
    /// @param flags how it works
    /// @param options name, init timeout, …
    /// @return how it went
    public static Start start(DynamicSupervisorFlags flags, StartOption... options) {
        return GenServer.start(
                DynamicSupervisorServer::new,
                Arguments.notNull(flags, "flags"),
                Arguments.notNull(options, "options"));
    }

    /// A dynamic supervisor as the child of a supervisor. Source: `DynamicSupervisor.child_spec/1`.
    ///
    /// @param id tells the supervisor's children apart
    /// @param flags how it works
    /// @param options name, init timeout, …
    /// @return the specification
    public static ChildSpec childSpec(
            Object id, DynamicSupervisorFlags flags, StartOption... options) {
        Arguments.notNull(flags, "flags");
        Arguments.notNull(options, "options");
        return ChildSpec.supervisor(id, () -> startLink(flags, options));
    }

    /// Starts a child. Source: `DynamicSupervisor.start_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param child the child
    /// @return how it went; [ChildError#MAX_CHILDREN] as the reason if there are too many; a child
    ///   that ignores or fails is not kept
    /// @throws CallException if there is no such supervisor, or it is not dynamic
    /// @throws IllegalArgumentException if the child is significant, which has no meaning here
    public static Start startChild(ServerRef supervisor, ChildSpec child) {
        ChildSpec same = checked(Arguments.notNull(child, "child"));
        return SupervisorRequest.ask(
                supervisor, new SupervisorRequest.StartDynamicChild(same.id(), _ -> same));
    }

    /// Starts a child that is made with the supervisor's extra argument, at this and every further
    /// start. Source: the option `:extra_arguments`.
    ///
    /// @param supervisor the supervisor
    /// @param child makes the child from the extra argument; runs in the supervisor
    /// @param <E> the type of the extra argument
    /// @return how it went, as for [#startChild(ServerRef, ChildSpec)]; a function that throws, or
    ///   makes a significant child, is a failure, as a start is
    /// @throws CallException if there is no such supervisor, or it is not dynamic
    @SuppressWarnings("unchecked") // the one who starts the supervisor and its children knows
    public static <E> Start startChild(ServerRef supervisor, Function<? super E, ChildSpec> child) {
        Arguments.notNull(child, "child");
        return SupervisorRequest.ask(
                supervisor,
                new SupervisorRequest.StartDynamicChild(
                        "made from the extra argument",
                        extra ->
                                checked(
                                        Arguments.notNull(
                                                child.apply((E) extra),
                                                "the child made from the extra argument"))));
    }

    private static ChildSpec checked(ChildSpec child) {
        if (child.significant()) {
            throw new IllegalArgumentException(
                    "expected no significant child under a dynamic supervisor, got: " + child.id());
        }
        return child;
    }

    /// Stops a child as its [Shutdown] says, and forgets it. Source:
    /// `DynamicSupervisor.terminate_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param pid the child; of one that waits to be restarted, the last pid it had
    /// @return empty if it is stopped, else [ChildError#NOT_FOUND]
    /// @throws CallException if there is no such supervisor, or it is not dynamic
    public static Optional<ChildError> terminateChild(ServerRef supervisor, Pid pid) {
        return SupervisorRequest.ask(
                supervisor,
                new SupervisorRequest.TerminateDynamicChild(Arguments.notNull(pid, "pid")));
    }

    /// The children, the oldest first; those that wait to be restarted have no pid. Source:
    /// `DynamicSupervisor.which_children/1`.
    ///
    /// @param supervisor the supervisor
    /// @return its children
    /// @throws CallException if there is no such supervisor
    public static List<Child> whichChildren(ServerRef supervisor) {
        return Supervisor.whichChildren(supervisor);
    }

    /// How many children there are. Source: `DynamicSupervisor.count_children/1`.
    ///
    /// @param supervisor the supervisor
    /// @return the counts
    /// @throws CallException if there is no such supervisor
    public static ChildCount countChildren(ServerRef supervisor) {
        return Supervisor.countChildren(supervisor);
    }

    /// Stops a dynamic supervisor with the reason `normal`, its children before it, and waits until
    /// they have ended. Source: `DynamicSupervisor.stop/3`.
    ///
    /// @param supervisor the supervisor
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void stop(ServerRef supervisor) {
        Supervisor.stop(supervisor);
    }

    /// Stops a dynamic supervisor, its children before it, and waits until they have ended. Source:
    /// `DynamicSupervisor.stop/3`.
    ///
    /// @param supervisor the supervisor
    /// @param reason the reason it is to exit with
    /// @param timeout how long to wait, 0 or more
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void stop(ServerRef supervisor, ExitReason reason, Duration timeout) {
        Supervisor.stop(supervisor, reason, timeout);
    }
}
