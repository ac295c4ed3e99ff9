package io.genserver.supervisor;

import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.ProcLib;
import io.genserver.ProcessBody;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A [DynamicSupervisor] of tasks: it sees to it that they are stopped with the rest of the tree,
/// limits how many there are, and lets a task fail without its owner.
///
/// ```java
/// List.of(TaskSupervisor.childSpec("kv.Tasks", DynamicSupervisorFlags.DEFAULT,
///         StartOption.name("kv.Tasks")), …)
///
/// Task<Page> page = TaskSupervisor.asyncNolink(ServerRef.name("kv.Tasks"), () -> fetch(url));
/// ```
///
/// Source: Elixir's `Task.Supervisor`.
public final class TaskSupervisor {

    private static final Shutdown DEFAULT_SHUTDOWN = Shutdown.within(Task.DEFAULT_TIMEOUT);

    private TaskSupervisor() {}

    /// Starts a task supervisor linked to the calling process. Source:
    /// `Task.Supervisor.start_link/1`.
    ///
    /// @param flags how it works
    /// @param options name, init timeout, …
    /// @return how it went
    public static Start startLink(DynamicSupervisorFlags flags, StartOption... options) {
        return DynamicSupervisor.startLink(flags, options);
    }

    /// A task supervisor as the child of a supervisor. Source: `Task.Supervisor.child_spec/1`.
    ///
    /// @param id tells the supervisor's children apart
    /// @param flags how it works
    /// @param options name, init timeout, …
    /// @return the specification
    public static ChildSpec childSpec(
            Object id, DynamicSupervisorFlags flags, StartOption... options) {
        return DynamicSupervisor.childSpec(id, flags, options);
    }

    /// Starts something nobody waits for, which is not done again. Source:
    /// `Task.Supervisor.start_child/3`.
    ///
    /// @param supervisor the supervisor
    /// @param body what to do
    /// @return how it went; [ChildError#MAX_CHILDREN] as the reason if there are too many
    /// @throws io.genserver.CallException if there is no such supervisor, or it is not dynamic
    public static Start startChild(ServerRef supervisor, ProcessBody body) {
        return startChild(supervisor, body, Restart.TEMPORARY, DEFAULT_SHUTDOWN);
    }

    /// Starts something nobody waits for. Source: `Task.Supervisor.start_child/3`.
    ///
    /// @param supervisor the supervisor
    /// @param body what to do
    /// @param restart when it is done again
    /// @param shutdown how it is stopped
    /// @return how it went; [ChildError#MAX_CHILDREN] as the reason if there are too many
    /// @throws io.genserver.CallException if there is no such supervisor, or it is not dynamic
    public static Start startChild(
            ServerRef supervisor, ProcessBody body, Restart restart, Shutdown shutdown) {
        Arguments.notNull(supervisor, "supervisor");
        List<Pid> callers = TaskBody.callersOfChildren();
        String name = TaskBody.name(Arguments.notNull(body, "body"));
        return DynamicSupervisor.startChild(
                supervisor,
                ChildSpec.worker(
                                name,
                                () ->
                                        new Start.Ok(
                                                ProcLib.spawnLink(
                                                        name, () -> TaskBody.run(body, callers))))
                        .withRestart(restart)
                        .withShutdown(shutdown));
    }

    /// Starts a task that is linked with its owner. Source: `Task.Supervisor.async/3`.
    ///
    /// @param supervisor the supervisor
    /// @param function what it does
    /// @param <R> the type of the result
    /// @return the task, to be awaited
    /// @throws IllegalStateException if the thread is no process, or there are too many tasks
    /// @throws io.genserver.CallException if there is no such supervisor, or it is not dynamic
    public static <R extends @Nullable Object> Task<R> async(
            ServerRef supervisor, Callable<R> function) {
        return async(supervisor, function, DEFAULT_SHUTDOWN);
    }

    /// Starts a task that is linked with its owner. Source: `Task.Supervisor.async/3`.
    ///
    /// @param supervisor the supervisor
    /// @param function what it does
    /// @param shutdown how the supervisor stops it
    /// @param <R> the type of the result
    /// @return the task, to be awaited
    /// @throws IllegalStateException if the thread is no process, or there are too many tasks
    /// @throws io.genserver.CallException if there is no such supervisor, or it is not dynamic
    public static <R extends @Nullable Object> Task<R> async(
            ServerRef supervisor, Callable<R> function, Shutdown shutdown) {
        return Task.begin(startTask(supervisor, name(function), function, shutdown, true));
    }

    /// Starts a task whose failure its owner survives: to be awaited with [Task#yield], which tells
    /// of it. Source: `Task.Supervisor.async_nolink/3`.
    ///
    /// @param supervisor the supervisor
    /// @param function what it does
    /// @param <R> the type of the result
    /// @return the task
    /// @throws IllegalStateException if the thread is no process, or there are too many tasks
    /// @throws io.genserver.CallException if there is no such supervisor, or it is not dynamic
    public static <R extends @Nullable Object> Task<R> asyncNolink(
            ServerRef supervisor, Callable<R> function) {
        return asyncNolink(supervisor, function, DEFAULT_SHUTDOWN);
    }

    /// Starts a task whose failure its owner survives. Source: `Task.Supervisor.async_nolink/3`.
    ///
    /// @param supervisor the supervisor
    /// @param function what it does
    /// @param shutdown how the supervisor stops it
    /// @param <R> the type of the result
    /// @return the task
    /// @throws IllegalStateException if the thread is no process, or there are too many tasks
    /// @throws io.genserver.CallException if there is no such supervisor, or it is not dynamic
    public static <R extends @Nullable Object> Task<R> asyncNolink(
            ServerRef supervisor, Callable<R> function, Shutdown shutdown) {
        return Task.begin(startTask(supervisor, name(function), function, shutdown, false));
    }

    private static String name(Callable<? extends @Nullable Object> function) {
        return TaskBody.name(Arguments.notNull(function, "function"));
    }

    /// Starts the process of a task, which then waits for the word to begin.
    static Pid startTask(
            ServerRef supervisor,
            String name,
            Callable<? extends @Nullable Object> function,
            Shutdown shutdown,
            boolean link) {
        Arguments.notNull(supervisor, "supervisor");
        Arguments.notNull(shutdown, "shutdown");
        Pid owner = Processes.self();
        List<Pid> callers = TaskBody.callersOfChildren();
        ProcessBody body = () -> TaskBody.supervisedReply(function, owner, callers);
        ChildSpec spec =
                ChildSpec.worker(name, () -> new Start.Ok(ProcLib.spawnLink(name, body)))
                        .withRestart(Restart.TEMPORARY)
                        .withShutdown(shutdown);
        Pid pid =
                switch (DynamicSupervisor.startChild(supervisor, spec)) {
                    case Start.Ok(Pid started) -> started;
                    case Start.Failed(ExitReason reason)
                            when reason.equals(ExitReason.of(ChildError.MAX_CHILDREN)) ->
                            throw new IllegalStateException(
                                    "expected room for one more task under "
                                            + supervisor
                                            + ", which has as many children as it may have");
                    case Start other -> throw new AssertionError("a task always starts: " + other);
                };
        if (link) {
            Processes.link(pid);
        }
        return pid;
    }

    /// Runs a function on each element as [Task#asyncStream] does, in tasks under a supervisor that
    /// are linked with the consumer. Source: `Task.Supervisor.async_stream/4`.
    ///
    /// @param supervisor the supervisor
    /// @param elements the elements
    /// @param function what to do with each
    /// @param options how many at a time, in which order, how long
    /// @param <T> the type of the elements
    /// @param <R> the type of the results
    /// @return the results; consuming them throws IllegalStateException if there are too many tasks
    public static <T, R extends @Nullable Object> Stream<TaskResult<R>> asyncStream(
            ServerRef supervisor,
            Iterable<T> elements,
            Function<? super T, ? extends R> function,
            StreamOptions options) {
        return AsyncStream.of(
                elements, function, options, new AsyncStream.Starter.Supervised(supervisor, true));
    }

    /// Runs a function on each element as [#asyncStream] does, without links: a task that fails is
    /// an element of the stream and hurts nobody. Source: `Task.Supervisor.async_stream_nolink/4`.
    ///
    /// @param supervisor the supervisor
    /// @param elements the elements
    /// @param function what to do with each
    /// @param options how many at a time, in which order, how long
    /// @param <T> the type of the elements
    /// @param <R> the type of the results
    /// @return the results; consuming them throws IllegalStateException if there are too many tasks
    public static <T, R extends @Nullable Object> Stream<TaskResult<R>> asyncStreamNolink(
            ServerRef supervisor,
            Iterable<T> elements,
            Function<? super T, ? extends R> function,
            StreamOptions options) {
        return AsyncStream.of(
                elements, function, options, new AsyncStream.Starter.Supervised(supervisor, false));
    }

    /// The tasks. Source: `Task.Supervisor.children/1`.
    ///
    /// @param supervisor the supervisor
    /// @return their pids, the oldest first
    /// @throws io.genserver.CallException if there is no such supervisor, or it is not dynamic
    public static List<Pid> children(ServerRef supervisor) {
        return DynamicSupervisor.whichChildren(supervisor).stream()
                .flatMap(child -> child.pid().stream())
                .toList();
    }

    /// Stops a task. Source: `Task.Supervisor.terminate_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param pid the task
    /// @return empty if it is stopped, else [ChildError#NOT_FOUND]
    /// @throws io.genserver.CallException if there is no such supervisor, or it is not dynamic
    public static Optional<ChildError> terminateChild(ServerRef supervisor, Pid pid) {
        return DynamicSupervisor.terminateChild(supervisor, pid);
    }
}
