package io.genserver.supervisor;

import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.ProcLib;
import io.genserver.ProcessBody;
import io.genserver.ProcessRef;
import io.genserver.Processes;
import io.genserver.Start;
import io.genserver.StartOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A [DynamicSupervisor] whose children are tasks. It stops the tasks with the rest of the tree,
/// limits their number, and lets a task fail without its owner.
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

    /// Starts a task supervisor, links it to the calling process, and waits until it has started.
    /// On a thread that is not a process there is nothing to link.
    ///
    /// Source: `Task.Supervisor.start_link/1`.
    ///
    /// @param flags the limits and the listeners
    /// @param options name, init timeout and others; see [StartOption]
    /// @return how the start went
    /// @throws io.genserver.ExitException as [DynamicSupervisor#startLink] does
    /// @throws IllegalArgumentException if the options contradict each other
    public static Start<TaskSupervisor> startLink(
            DynamicSupervisorFlags flags, StartOption... options) {
        return Starting.typed(DynamicSupervisor.startLink(flags, options));
    }

    /// Returns the specification of a task supervisor. Source: `Task.Supervisor.child_spec/1`.
    ///
    /// @param id distinguishes the children of the supervisor above
    /// @param flags the limits and the listeners
    /// @param options name, init timeout and others; see [StartOption]
    /// @return the specification
    public static ChildSpec<TaskSupervisor> childSpec(
            Object id, DynamicSupervisorFlags flags, StartOption... options) {
        Arguments.notNull(flags, "flags");
        Arguments.notNull(options, "options");
        return ChildSpec.supervisor(id, () -> startLink(flags, options));
    }

    /// Starts a process, as a temporary child, for work whose result no process waits for. Blocks
    /// until the process has started. When the supervisor stops, the process has 5 s to end before
    /// it is killed.
    ///
    /// Source: `Task.Supervisor.start_child/3`.
    ///
    /// @param supervisor the supervisor
    /// @param body the work; runs in the new process
    /// @return how the start went; fails with [ChildError#MAX_CHILDREN] if the supervisor has as
    ///   many children as its limit allows
    /// @throws io.genserver.CallException as [DynamicSupervisor#startChild(ProcessRef, ChildSpec)]
    ///   does
    public static Start<Task<?>> startChild(ProcessRef supervisor, ProcessBody body) {
        return startChild(supervisor, body, Restart.TEMPORARY, DEFAULT_SHUTDOWN);
    }

    /// Starts a process for work whose result no process waits for. Blocks until the process has
    /// started.
    ///
    /// Source: `Task.Supervisor.start_child/3`.
    ///
    /// @param supervisor the supervisor
    /// @param body the work; runs in the new process, and again in each restart
    /// @param restart when the work is restarted
    /// @param shutdown how the supervisor stops the process
    /// @return how the start went; fails with [ChildError#MAX_CHILDREN] if the supervisor has as
    ///   many children as its limit allows
    /// @throws io.genserver.CallException as [DynamicSupervisor#startChild(ProcessRef, ChildSpec)]
    ///   does
    public static Start<Task<?>> startChild(
            ProcessRef supervisor, ProcessBody body, Restart restart, Shutdown shutdown) {
        return DynamicSupervisor.startChild(
                Arguments.notNull(supervisor, "supervisor"), spec(body, restart, shutdown));
    }

    /// Starts a process, as a temporary child, as [#startChild(ProcessRef, ProcessBody)] does, and
    /// waits for a limited time. If the timeout passes, the supervisor still starts the process.
    ///
    /// Source: `Task.Supervisor.start_child/3`, which waits without limit.
    ///
    /// @param supervisor the supervisor
    /// @param body the work; runs in the new process
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @return how the start went, as for [#startChild(ProcessRef, ProcessBody)]
    /// @throws io.genserver.CallException as [DynamicSupervisor#startChild(ProcessRef, ChildSpec,
    ///   Duration)] does
    /// @throws IllegalArgumentException if the timeout is negative
    public static Start<Task<?>> startChild(
            ProcessRef supervisor, ProcessBody body, Duration timeout) {
        return DynamicSupervisor.startChild(
                Arguments.notNull(supervisor, "supervisor"),
                spec(body, Restart.TEMPORARY, DEFAULT_SHUTDOWN),
                timeout);
    }

    private static ChildSpec<Task<?>> spec(ProcessBody body, Restart restart, Shutdown shutdown) {
        List<Pid> callers = TaskBody.callersOfChildren();
        String name = TaskBody.name(Arguments.notNull(body, "body"));
        return ChildSpec.<Task<?>>worker(
                        name,
                        () ->
                                new Start.Ok<>(
                                        ProcLib.spawnLink(name, () -> TaskBody.run(body, callers))))
                .withRestart(restart)
                .withShutdown(shutdown);
    }

    /// Starts a task under a supervisor and links it to the calling process, its owner. On a thread
    /// that is not a process there is nothing to link; see [Task]. Blocks until the task has
    /// started. When the supervisor stops, the task has 5 s to end before it is killed.
    ///
    /// Source: `Task.Supervisor.async/3`.
    ///
    /// @param supervisor the supervisor
    /// @param function the work; runs in the task's process
    /// @param <R> the type of the result
    /// @return the task
    /// @throws IllegalStateException if the supervisor has as many children as its limit allows
    /// @throws io.genserver.CallException as [DynamicSupervisor#startChild(ProcessRef, ChildSpec)]
    ///   does
    public static <R extends @Nullable Object> Task<R> async(
            ProcessRef supervisor, Callable<R> function) {
        return async(supervisor, function, DEFAULT_SHUTDOWN);
    }

    /// Starts a task under a supervisor and links it to the calling process, its owner. On a thread
    /// that is not a process there is nothing to link; see [Task]. Blocks until the task has
    /// started.
    ///
    /// Source: `Task.Supervisor.async/3`.
    ///
    /// @param supervisor the supervisor
    /// @param function the work; runs in the task's process
    /// @param shutdown how the supervisor stops the task
    /// @param <R> the type of the result
    /// @return the task
    /// @throws IllegalStateException if the supervisor has as many children as its limit allows
    /// @throws io.genserver.CallException as [DynamicSupervisor#startChild(ProcessRef, ChildSpec)]
    ///   does
    public static <R extends @Nullable Object> Task<R> async(
            ProcessRef supervisor, Callable<R> function, Shutdown shutdown) {
        return new TaskStarter.Supervised(supervisor, true, shutdown)
                .start(name(function), function);
    }

    /// Starts a task under a supervisor, without a link to its owner, the calling process. If the
    /// task fails, the owner goes on and learns of the failure from [Task#yield] or a
    /// [io.genserver.Down]. Blocks until the task has started. When the supervisor stops, the task
    /// has 5 s to end before it is killed.
    ///
    /// Source: `Task.Supervisor.async_nolink/3`.
    ///
    /// @param supervisor the supervisor
    /// @param function the work; runs in the task's process
    /// @param <R> the type of the result
    /// @return the task
    /// @throws IllegalStateException if the supervisor has as many children as its limit allows
    /// @throws io.genserver.CallException as [DynamicSupervisor#startChild(ProcessRef, ChildSpec)]
    ///   does
    public static <R extends @Nullable Object> Task<R> asyncNolink(
            ProcessRef supervisor, Callable<R> function) {
        return asyncNolink(supervisor, function, DEFAULT_SHUTDOWN);
    }

    /// Starts a task under a supervisor, without a link to its owner, the calling process. Blocks
    /// until the task has started.
    ///
    /// Source: `Task.Supervisor.async_nolink/3`.
    ///
    /// @param supervisor the supervisor
    /// @param function the work; runs in the task's process
    /// @param shutdown how the supervisor stops the task
    /// @param <R> the type of the result
    /// @return the task
    /// @throws IllegalStateException if the supervisor has as many children as its limit allows
    /// @throws io.genserver.CallException as [DynamicSupervisor#startChild(ProcessRef, ChildSpec)]
    ///   does
    public static <R extends @Nullable Object> Task<R> asyncNolink(
            ProcessRef supervisor, Callable<R> function, Shutdown shutdown) {
        return new TaskStarter.Supervised(supervisor, false, shutdown)
                .start(name(function), function);
    }

    /// Runs a function in a task under a supervisor, and again after a delay if it fails, as
    /// [Task#retry(Callable, RetryOptions)] does. The task is not linked to its owner, as with
    /// [#asyncNolink]. Blocks until the task has started.
    ///
    /// The processes of the attempts are not children of the supervisor. They end with the task.
    /// When the supervisor stops, the task has 5 s to end before it is killed.
    ///
    /// @param supervisor the supervisor
    /// @param function the work; runs in a process of its own for each attempt
    /// @param options the delays, the limit, the expected failures, the time limit of an attempt
    /// @param <R> the type of the result
    /// @return the task
    /// @throws IllegalStateException if the supervisor has as many children as its limit allows
    /// @throws io.genserver.CallException as [DynamicSupervisor#startChild(ProcessRef, ChildSpec)]
    ///   does
    public static <R extends @Nullable Object> Task<R> retry(
            ProcessRef supervisor, Callable<R> function, RetryOptions options) {
        Retry<R> retry = new Retry<>(function, options);
        return new TaskStarter.Supervised(supervisor, false, DEFAULT_SHUTDOWN)
                .start(retry.name(), retry);
    }

    private static String name(Callable<? extends @Nullable Object> function) {
        return TaskBody.name(Arguments.notNull(function, "function"));
    }

    /// Starts a task's process, which then waits for the [Task.Go].
    ///
    /// @param owner the process that will let it begin
    static Pid startTask(
            TaskStarter.Supervised how, String name, TaskWork<?> work, Pid owner, boolean link) {
        ProcessBody body = () -> TaskBody.supervisedReply(work, owner);
        ChildSpec<?> spec =
                ChildSpec.worker(name, () -> new Start.Ok<>(ProcLib.spawnLink(name, body)))
                        .withRestart(Restart.TEMPORARY)
                        .withShutdown(how.shutdown());
        Pid pid =
                switch (DynamicSupervisor.startChild(how.supervisor(), spec)) {
                    case Start.Ok(Pid started) -> started;
                    case Start.Failed(ExitReason reason)
                            when reason.equals(ExitReason.of(ChildError.MAX_CHILDREN)) ->
                            throw new IllegalStateException(
                                    "expected room for one more task under "
                                            + how.supervisor()
                                            + ", which has as many children as it may have");
                    case Start<?> other ->
                            throw new AssertionError("a task always starts: " + other);
                };
        if (link) {
            Processes.link(pid);
        }
        return pid;
    }

    /// Returns a stream that runs a function on each element, as [Task#asyncStream] does, in tasks
    /// under a supervisor that are linked to the consumer.
    ///
    /// Consuming the stream throws [IllegalStateException] if the supervisor has as many children
    /// as its limit allows, and [io.genserver.CallException] if there is no such supervisor.
    ///
    /// Source: `Task.Supervisor.async_stream/4`.
    ///
    /// @param supervisor the supervisor
    /// @param elements the elements; iterated in the consumer
    /// @param function the work for one element; runs in the task of the element
    /// @param options how many tasks at a time, the order of the results, the timeout of a task
    /// @param <T> the type of the elements
    /// @param <R> the type of the results
    /// @return the stream of the results
    public static <T, R extends @Nullable Object> Stream<TaskResult<R>> asyncStream(
            ProcessRef supervisor,
            Iterable<T> elements,
            Function<? super T, ? extends R> function,
            StreamOptions options) {
        return AsyncStream.of(elements, function, options, starter(supervisor, true, options));
    }

    /// Returns a stream that runs a function on each element, as [#asyncStream] does, in tasks
    /// without a link to the consumer. The failure of a task is an element of the stream and has no
    /// other effect.
    ///
    /// Source: `Task.Supervisor.async_stream_nolink/4`.
    ///
    /// @param supervisor the supervisor
    /// @param elements the elements; iterated in the consumer
    /// @param function the work for one element; runs in the task of the element
    /// @param options how many tasks at a time, the order of the results, the timeout of a task
    /// @param <T> the type of the elements
    /// @param <R> the type of the results
    /// @return the stream of the results
    public static <T, R extends @Nullable Object> Stream<TaskResult<R>> asyncStreamNolink(
            ProcessRef supervisor,
            Iterable<T> elements,
            Function<? super T, ? extends R> function,
            StreamOptions options) {
        return AsyncStream.of(elements, function, options, starter(supervisor, false, options));
    }

    private static TaskStarter starter(ProcessRef supervisor, boolean link, StreamOptions options) {
        return new TaskStarter.Supervised(
                supervisor, link, Arguments.notNull(options, "options").shutdown());
    }

    /// Returns the running tasks. Source: `Task.Supervisor.children/1`.
    ///
    /// @param supervisor the supervisor
    /// @return their pids, the oldest first
    /// @throws io.genserver.CallException as [Supervisor#whichChildren(ProcessRef)] does
    public static List<Pid> children(ProcessRef supervisor) {
        return children(supervisor, GenServer.INFINITY);
    }

    /// Returns the running tasks, as [#children(ProcessRef)] does, and waits for a limited time.
    ///
    /// Source: `Task.Supervisor.children/1`, which waits without limit.
    ///
    /// @param supervisor the supervisor
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @return their pids, the oldest first
    /// @throws io.genserver.CallException as [Supervisor#whichChildren(ProcessRef, Duration)] does
    /// @throws IllegalArgumentException if the timeout is negative
    public static List<Pid> children(ProcessRef supervisor, Duration timeout) {
        return DynamicSupervisor.whichChildren(supervisor, timeout).stream()
                .flatMap(child -> child.pid().stream())
                .toList();
    }

    /// Stops a task and waits, without limit, until it has ended. Source:
    /// `Task.Supervisor.terminate_child/2`.
    ///
    /// @param supervisor the supervisor
    /// @param pid the task
    /// @return empty if the task is stopped, otherwise [ChildError#NOT_FOUND]
    /// @throws io.genserver.CallException as [DynamicSupervisor#startChild(ProcessRef, ChildSpec)]
    ///   does
    public static Optional<ChildError> terminateChild(ProcessRef supervisor, Pid pid) {
        return DynamicSupervisor.terminateChild(supervisor, pid);
    }
}
