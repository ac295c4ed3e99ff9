package io.genserver.supervisor;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.MonitorOption;
import io.genserver.MonitorOption.AliasMode;
import io.genserver.Pid;
import io.genserver.ProcLib;
import io.genserver.ProcessBody;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Start;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A process that does one thing, and whose result its owner may wait for.
///
/// ```java
/// Task<Report> report = Task.async(() -> compute(year));
/// Summary summary = summarize(year);               // runs at the same time
/// return new Page(summary, report.await());
/// ```
///
/// ## The owner
///
/// A task belongs to the process that started it, its owner. Only the owner may wait for the task.
/// [#async] links the owner and the task: if one ends with a reason other than `normal`, the other
/// ends too, unless it traps exits. If the owner has to survive a failure of the task, use
/// [TaskSupervisor#asyncNolink].
///
/// ## In a server
///
/// A server that must not block gets the result as a message, in `handleInfo`:
///
/// - a [Reply] with the task's [#ref]; then call [Processes#demonitorFlush] with that reference
/// - a [Down] with that reference, if the task failed
///
/// ## When not to use it
///
/// - If the work needs no process of its own, call the method. That is faster.
/// - If no process waits for the result, use [#start].
/// - If the process has to keep state, write a [GenServer].
///
/// Source: Elixir's `Task`.
///
/// @param <R> the type of the result
public final class Task<R extends @Nullable Object> {

    /// How long [#await()], [#shutdown()] and [#awaitMany(Collection)] wait: 5 s.
    public static final Duration DEFAULT_TIMEOUT = GenServer.DEFAULT_TIMEOUT;

    /// The result of a task, as it arrives in the owner's mailbox. Source: `{ref, result}`.
    ///
    /// @param ref the task's reference
    /// @param value what the function returned
    public record Reply(Ref ref, @Nullable Object value) {}

    /// Lets a task's process begin, and tells it where to send the result.
    record Go(Ref replyTo) {}

    private final @Nullable Pid pid; // null: a completed task
    private final Ref ref;
    private final Pid owner;
    private final @Nullable TaskResult<R> completed;

    private Task(@Nullable Pid pid, Ref ref, Pid owner, @Nullable TaskResult<R> completed) {
        this.pid = pid;
        this.ref = ref;
        this.owner = owner;
        this.completed = completed;
    }

    /// Starts a task that is linked to the calling process, its owner. Does not block.
    ///
    /// Source: `Task.async/1`.
    ///
    /// @param function the work; runs in the task's process
    /// @param <R> the type of the result
    /// @return the task
    /// @throws IllegalStateException if the thread is not a process
    public static <R extends @Nullable Object> Task<R> async(Callable<R> function) {
        Arguments.notNull(function, "function");
        List<Pid> callers = TaskBody.callersOfChildren();
        return begin(
                ProcLib.spawnLink(
                        TaskBody.name(function), () -> TaskBody.reply(function, callers)));
    }

    /// Monitors a task's process and lets it begin.
    static <R extends @Nullable Object> Task<R> begin(Pid pid) {
        Ref ref = Processes.monitor(pid, MonitorOption.alias(AliasMode.DEMONITOR));
        Processes.send(pid, new Go(ref));
        return new Task<>(pid, ref, Processes.self(), null);
    }

    /// Returns a task that already has its result and needs no process. Its owner is the calling
    /// process. Source: `Task.completed/1`.
    ///
    /// @param value the result
    /// @param <R> the type of the result
    /// @return the task
    /// @throws IllegalStateException if the thread is not a process
    public static <R extends @Nullable Object> Task<R> completed(R value) {
        Ref ref = Processes.alias();
        Processes.unalias(ref); // the reference only identifies the task
        return new Task<>(null, ref, Processes.self(), new TaskResult.Ok<>(value));
    }

    /// Starts a process, without a link, for work whose result no process waits for. Does not
    /// block.
    ///
    /// Source: `Task.start/1`.
    ///
    /// @param body the work; runs in the new process
    /// @return the pid of the process
    public static Pid start(ProcessBody body) {
        Arguments.notNull(body, "body");
        List<Pid> callers = TaskBody.callersOfChildren();
        return ProcLib.spawn(TaskBody.name(body), () -> TaskBody.run(body, callers));
    }

    /// Starts a process, linked to the calling process, for work whose result no process waits for.
    /// Does not block.
    ///
    /// Source: `Task.start_link/1`.
    ///
    /// @param body the work; runs in the new process
    /// @return always a [Start.Ok], so that it can be the start of a [ChildSpec]
    /// @throws IllegalStateException if the thread is not a process
    public static Start<Task<?>> startLink(ProcessBody body) {
        Arguments.notNull(body, "body");
        List<Pid> callers = TaskBody.callersOfChildren();
        return new Start.Ok<>(
                ProcLib.spawnLink(TaskBody.name(body), () -> TaskBody.run(body, callers)));
    }

    /// Returns the specification of a worker that runs the body once. It is temporary, so it is
    /// never restarted. Source: `Task.child_spec/1`.
    ///
    /// @param id distinguishes the children of a supervisor
    /// @param body the work; runs in the new process
    /// @return the specification
    public static ChildSpec<Task<?>> childSpec(Object id, ProcessBody body) {
        Arguments.notNull(body, "body");
        return ChildSpec.worker(id, () -> startLink(body)).withRestart(Restart.TEMPORARY);
    }

    /// Returns the process of the task. Source: `task.pid`.
    ///
    /// @return its pid; empty for a [#completed] task
    public Optional<Pid> pid() {
        return Optional.ofNullable(pid);
    }

    /// Returns the reference that the task's messages carry. Source: `task.ref`.
    ///
    /// @return the reference
    public Ref ref() {
        return ref;
    }

    /// Returns the process that may wait for the task. Source: `task.owner`.
    ///
    /// @return its pid
    public Pid owner() {
        return owner;
    }

    @Override
    public String toString() {
        return "Task[" + (pid == null ? "completed" : pid) + " of " + owner + "]";
    }

    /// Waits up to 5 s for the result.
    ///
    /// @return the result
    /// @throws TaskExitException as [#await(Duration)] does
    /// @throws IllegalStateException as [#await(Duration)] does
    public R await() {
        return await(DEFAULT_TIMEOUT);
    }

    /// Waits for the result. Call it once for each task.
    ///
    /// If the timeout passes, the task goes on, and its result is dropped.
    ///
    /// Source: `Task.await/2`.
    ///
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @return the result
    /// @throws TaskExitException if the task ends without a result, or the timeout passes
    /// @throws IllegalStateException if the calling process is not the owner
    /// @throws IllegalArgumentException if the timeout is negative
    public R await(Duration timeout) {
        return switch (this.yield(timeout).orElse(null)) {
            case TaskResult.Ok<R>(R value) -> value;
            case TaskResult.Exit<R>(ExitReason reason) ->
                    throw new TaskExitException("Task.await of " + this, reason);
            case null -> {
                forget();
                throw new TaskExitException("Task.await of " + this, ExitReason.TIMEOUT);
            }
        };
    }

    /// Waits for the task to end. If the timeout passes, the owner may wait for the task again.
    ///
    /// Call it as `task.yield(…)`, because `yield` alone is a word of the language.
    ///
    /// Source: `Task.yield/2`.
    ///
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @return how the task ended; empty if the timeout passed
    /// @throws IllegalStateException if the calling process is not the owner
    /// @throws IllegalArgumentException if the timeout is negative
    @SuppressWarnings("NamedLikeContextualKeyword") // the name in OTP; always called on an object
    public Optional<TaskResult<R>> yield(Duration timeout) {
        Arguments.time(timeout, "timeout");
        checkOwner();
        return completed == null
                ? Processes.receive(this::mine, timeout).map(this::result)
                : Optional.of(completed);
    }

    /// Returns the reference in a message that may be from a task, a [Reply] or a [Down]; otherwise
    /// null.
    static @Nullable Ref refIn(Object message) {
        return switch (message) {
            case Reply reply -> reply.ref();
            case Down down -> down.ref();
            default -> null;
        };
    }

    /// Returns the message if it is from this task, otherwise null.
    private @Nullable Object mine(Object message) {
        return ref.equals(refIn(message)) ? message : null;
    }

    /// Returns the result that a message of this task tells. No other message of the task follows.
    @SuppressWarnings({"unchecked", "NullAway"}) // the task's function returns an R
    TaskResult<R> result(Object message) {
        return switch (message) {
            case Reply(Ref _, Object value) -> {
                Processes.demonitorFlush(ref);
                yield new TaskResult.Ok<>((R) value);
            }
            case Down(Ref _, var _, ExitReason reason) -> new TaskResult.Exit<>(reason);
            default -> throw new AssertionError(message);
        };
    }

    /// Drops all messages of the task, those that have arrived and those still to come.
    void forget() {
        Processes.demonitorFlush(ref);
        Processes.receive(this::mine, Duration.ZERO); // a reply that came before that
    }

    void checkOwner() {
        Pid self = Processes.self();
        if (!self.equals(owner)) {
            throw new IllegalStateException(
                    "expected task to be waited for by its owner " + owner + ", got: " + self);
        }
    }

    /// Shuts the task down, and kills it if it has not ended within 5 s.
    ///
    /// @return as [#shutdown(Shutdown)] does
    /// @throws IllegalStateException if the calling process is not the owner
    public Optional<TaskResult<R>> shutdown() {
        return shutdown(Shutdown.within(DEFAULT_TIMEOUT));
    }

    /// Unlinks the task, tells it to end, and waits until it has ended.
    ///
    /// ```java
    /// task.yield(limit).or(task::shutdown)
    /// ```
    ///
    /// | [Shutdown] | what the task gets |
    /// |---|---|
    /// | [Shutdown#within] | the exit signal `shutdown`, and a kill when the limit passes |
    /// | [Shutdown#infinity] | the exit signal `shutdown`; the wait has no limit |
    /// | [Shutdown#brutalKill] | a kill at once |
    ///
    /// Source: `Task.shutdown/2`.
    ///
    /// @param how how to stop the task
    /// @return the result if the task had sent one; empty if the task ended as told; otherwise why
    ///   it ended: `killed` if it exceeded the limit, `noproc` if the owner had received its [Down]
    ///   before, or its own exit reason
    /// @throws IllegalStateException if the calling process is not the owner
    public Optional<TaskResult<R>> shutdown(Shutdown how) {
        Arguments.notNull(how, "how");
        checkOwner();
        if (pid == null) {
            return Optional.ofNullable(completed);
        }
        ExitReason ended = TaskBody.end(pid, ref, how);
        Optional<TaskResult<R>> reply =
                Processes.receive(this::reply, Duration.ZERO).map(this::result);
        ExitReason told = how instanceof Shutdown.Brutal ? ExitReason.KILLED : ExitReason.SHUTDOWN;
        return reply.isPresent() || ended.equals(told)
                ? reply
                : Optional.of(new TaskResult.Exit<>(ended));
    }

    private @Nullable Object reply(Object message) {
        return message instanceof Reply reply && reply.ref().equals(ref) ? reply : null;
    }

    /// Unlinks the task and drops its result. The task goes on. Does not block.
    ///
    /// Source: `Task.ignore/1`.
    ///
    /// @return how the task ended, if its message has arrived; otherwise empty
    /// @throws IllegalStateException if the calling process is not the owner
    public Optional<TaskResult<R>> ignore() {
        Optional<TaskResult<R>> result = this.yield(Duration.ZERO);
        if (pid != null) {
            TaskBody.unlink(pid);
            if (result.isEmpty()) {
                forget();
            }
        }
        return result;
    }

    /// Waits up to 5 s for the results of several tasks.
    ///
    /// @param tasks the tasks
    /// @param <R> the type of the results
    /// @return the results, in the order of the tasks
    /// @throws TaskExitException as [#awaitMany(Collection, Duration)] does
    /// @throws IllegalStateException as [#awaitMany(Collection, Duration)] does
    public static <R extends @Nullable Object> List<R> awaitMany(Collection<Task<R>> tasks) {
        return awaitMany(tasks, DEFAULT_TIMEOUT);
    }

    /// Waits for the results of several tasks.
    ///
    /// If it fails, the other tasks go on, and their results are dropped.
    ///
    /// Source: `Task.await_many/2`.
    ///
    /// @param tasks the tasks
    /// @param timeout how long to wait for all of them together, 0 or more; [GenServer#INFINITY]
    ///   for no limit
    /// @param <R> the type of the results
    /// @return the results, in the order of the tasks
    /// @throws TaskExitException as soon as a task ends without a result, or if the timeout passes
    /// @throws IllegalStateException if the calling process is not the owner of all tasks
    /// @throws IllegalArgumentException if the timeout is negative
    public static <R extends @Nullable Object> List<R> awaitMany(
            Collection<Task<R>> tasks, Duration timeout) {
        TaskWait<R> wait = TaskWait.of(tasks);
        Arguments.time(timeout, "timeout");
        String what = "Task.awaitMany of " + tasks;
        boolean complete =
                wait.run(
                        timeout,
                        (_, result) -> {
                            if (result instanceof TaskResult.Exit<R>(ExitReason reason)) {
                                throw givenUp(wait, what, reason);
                            }
                            return true;
                        });
        if (!complete) {
            throw givenUp(wait, what, ExitReason.TIMEOUT);
        }
        return wait.values();
    }

    /// Stops waiting for several tasks. The results of the unfinished ones are dropped.
    private static <R extends @Nullable Object> TaskExitException givenUp(
            TaskWait<R> wait, String what, ExitReason reason) {
        wait.unanswered().forEach(Task::forget);
        return new TaskExitException(what, reason);
    }

    /// How one of the tasks given to [#yieldMany] ended.
    ///
    /// @param task the task
    /// @param result how it ended; empty if it has not ended
    /// @param <R> the type of the result
    public record Yielded<R extends @Nullable Object>(
            Task<R> task, Optional<TaskResult<R>> result) {}

    /// What [#yieldMany] does with the tasks that have not ended when the timeout passes.
    public enum OnTimeout {
        /// The tasks go on, and the owner may wait for them again.
        NOTHING,
        /// The tasks are unlinked and go on, and their results are dropped; see [Task#ignore].
        IGNORE,
        /// The tasks are killed.
        KILL_TASK
    }

    /// Waits for several tasks to end. The tasks that have not ended when the timeout passes go on,
    /// and the owner may wait for them again.
    ///
    /// Source: `Task.yield_many/2`.
    ///
    /// @param tasks the tasks
    /// @param timeout how long to wait for all of them together, 0 or more; [GenServer#INFINITY]
    ///   for no limit
    /// @param <R> the type of the results
    /// @return how the tasks ended, in their order
    /// @throws IllegalStateException if the calling process is not the owner of all tasks
    /// @throws IllegalArgumentException if the timeout is negative
    public static <R extends @Nullable Object> List<Yielded<R>> yieldMany(
            Collection<Task<R>> tasks, Duration timeout) {
        return yieldMany(tasks, timeout, OnTimeout.NOTHING, Integer.MAX_VALUE);
    }

    /// Waits until several tasks, or a number of them, have ended. When the number is reached, the
    /// other tasks go on, and the owner may wait for them again.
    ///
    /// Source: `Task.yield_many/2`.
    ///
    /// @param tasks the tasks
    /// @param timeout how long to wait for all of them together, 0 or more; [GenServer#INFINITY]
    ///   for no limit
    /// @param onTimeout what happens to the tasks that have not ended when the timeout passes
    /// @param limit how many tasks to wait for, 1 or more
    /// @param <R> the type of the results
    /// @return how the tasks ended, in their order
    /// @throws IllegalStateException if the calling process is not the owner of all tasks
    /// @throws IllegalArgumentException if the timeout is negative, or the limit is less than 1
    public static <R extends @Nullable Object> List<Yielded<R>> yieldMany(
            Collection<Task<R>> tasks, Duration timeout, OnTimeout onTimeout, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("expected a limit of 1 or more, got: " + limit);
        }
        TaskWait<R> wait = TaskWait.of(tasks);
        Arguments.time(timeout, "timeout");
        Arguments.notNull(onTimeout, "onTimeout");
        boolean complete = wait.run(timeout, (count, _) -> count < limit);
        List<Yielded<R>> all = new ArrayList<>();
        for (Task<R> task : tasks) {
            Optional<TaskResult<R>> result = wait.result(task);
            if (result.isEmpty() && !complete) {
                result = task.after(onTimeout);
            }
            all.add(new Yielded<>(task, result));
        }
        return all;
    }

    private Optional<TaskResult<R>> after(OnTimeout action) {
        return switch (action) {
            case NOTHING -> Optional.empty();
            case IGNORE -> ignore();
            case KILL_TASK -> shutdown(Shutdown.brutalKill());
        };
    }

    /// Returns a stream that runs a function on each element, each in a task of its own, several at
    /// a time. The tasks are linked to the process that consumes the stream.
    ///
    /// ```java
    /// try (Stream<TaskResult<Page>> pages = Task.asyncStream(urls, Pages::fetch, options)) {
    ///     pages.forEach(…);
    /// }
    /// ```
    ///
    /// The first task starts when the stream is consumed. One process has to consume the whole
    /// stream; otherwise the stream throws [IllegalStateException]. Close a stream that is not
    /// consumed to its end, as above: this kills the tasks that still run.
    ///
    /// A task that fails ends the consumer over the link. If the consumer traps exits, the failure
    /// is an element of the stream instead. With [TaskSupervisor#asyncStreamNolink] it always is.
    /// If a task takes too long, [StreamOptions#onTimeout] decides what happens.
    ///
    /// Source: `Task.async_stream/3`.
    ///
    /// @param elements the elements; iterated in the consumer
    /// @param function the work for one element; runs in the task of the element
    /// @param options how many tasks at a time, the order of the results, the timeout of a task
    /// @param <T> the type of the elements
    /// @param <R> the type of the results
    /// @return the stream of the results
    public static <T, R extends @Nullable Object> Stream<TaskResult<R>> asyncStream(
            Iterable<T> elements,
            Function<? super T, ? extends R> function,
            StreamOptions options) {
        return AsyncStream.of(elements, function, options, AsyncStream.Starter.LINKED);
    }
}
