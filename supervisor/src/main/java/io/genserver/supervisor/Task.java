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

/// A process that does one thing, and whose result somebody waits for.
///
/// ```java
/// Task<Report> report = Task.async(() -> compute(year));
/// Summary summary = summarize(year);               // meanwhile
/// return new Page(summary, report.await());
/// ```
///
/// ## Whose it is
///
/// A task belongs to the process that started it, its owner: only that one may wait for it. Owner
/// and task are linked, so neither goes on without the other; for a task whose failure its owner
/// survives, use [TaskSupervisor#asyncNolink].
///
/// ## In a server
///
/// A server that must not block takes the result as a message: [Reply] with the task's [#ref], then
/// [Processes#demonitorFlush]; or [Down] if the task failed.
///
/// ## When not to use it
///
/// For what needs no process of its own: calling the method is faster. For work nobody waits for,
/// [#start]; for a thing that lives on and keeps state, a [GenServer].
///
/// Source: Elixir's `Task`.
///
/// @param <R> the type of the result
public final class Task<R extends @Nullable Object> {

    /// How long [#await()] and its like wait: 5 s.
    public static final Duration DEFAULT_TIMEOUT = GenServer.DEFAULT_TIMEOUT;

    /// The result of a task as it arrives in its owner's mailbox. Source: `{ref, result}`.
    ///
    /// @param ref the task's reference
    /// @param value what it returned
    public record Reply(Ref ref, @Nullable Object value) {}

    /// Tells a task's process to begin, and where its result goes.
    record Go(Ref replyTo) {}

    private final @Nullable Pid pid; // null: completed when it was made
    private final Ref ref;
    private final Pid owner;
    private final @Nullable TaskResult<R> completed;

    private Task(@Nullable Pid pid, Ref ref, Pid owner, @Nullable TaskResult<R> completed) {
        this.pid = pid;
        this.ref = ref;
        this.owner = owner;
        this.completed = completed;
    }

    /// Starts a task linked to the calling process. Source: `Task.async/1`.
    ///
    /// @param function what it does, in a process of its own
    /// @param <R> the type of the result
    /// @return the task, to be awaited
    /// @throws IllegalStateException if the thread is no process
    public static <R extends @Nullable Object> Task<R> async(Callable<R> function) {
        Arguments.notNull(function, "function");
        List<Pid> callers = TaskBody.callersOfChildren();
        return begin(
                ProcLib.spawnLink(
                        TaskBody.name(function), () -> TaskBody.reply(function, callers)));
    }

    /// Monitors a task's process, which waits for this, and lets it begin.
    static <R extends @Nullable Object> Task<R> begin(Pid pid) {
        Ref ref = Processes.monitor(pid, MonitorOption.alias(AliasMode.DEMONITOR));
        Processes.send(pid, new Go(ref));
        return new Task<>(pid, ref, Processes.self(), null);
    }

    /// A task that has its result already. Source: `Task.completed/1`.
    ///
    /// @param value the result
    /// @param <R> the type of the result
    /// @return the task, of the calling process
    /// @throws IllegalStateException if the thread is no process
    public static <R extends @Nullable Object> Task<R> completed(R value) {
        Ref ref = Processes.alias();
        Processes.unalias(ref); // it is known by it, and nobody sends to it
        return new Task<>(null, ref, Processes.self(), new TaskResult.Ok<>(value));
    }

    /// Starts a process that does something nobody waits for, without a link. Source:
    /// `Task.start/1`.
    ///
    /// @param body what it does
    /// @return its pid
    public static Pid start(ProcessBody body) {
        Arguments.notNull(body, "body");
        List<Pid> callers = TaskBody.callersOfChildren();
        return ProcLib.spawn(TaskBody.name(body), () -> TaskBody.run(body, callers));
    }

    /// Starts a process that does something nobody waits for, linked to the calling process.
    /// Source: `Task.start_link/1`.
    ///
    /// @param body what it does
    /// @return how it went; always well, in the form a [ChildSpec] wants it
    /// @throws IllegalStateException if the thread is no process
    public static Start startLink(ProcessBody body) {
        Arguments.notNull(body, "body");
        List<Pid> callers = TaskBody.callersOfChildren();
        return new Start.Ok(
                ProcLib.spawnLink(TaskBody.name(body), () -> TaskBody.run(body, callers)));
    }

    /// A process that does something nobody waits for, as the child of a supervisor: temporary, it
    /// is not done again. Source: `Task.child_spec/1`.
    ///
    /// @param id tells the supervisor's children apart
    /// @param body what it does
    /// @return the specification
    public static ChildSpec childSpec(Object id, ProcessBody body) {
        Arguments.notNull(body, "body");
        return ChildSpec.worker(id, () -> startLink(body)).withRestart(Restart.TEMPORARY);
    }

    /// The process of the task. Source: `task.pid`.
    ///
    /// @return its pid, or empty for a [#completed] task
    public Optional<Pid> pid() {
        return Optional.ofNullable(pid);
    }

    /// The reference by which messages of the task are known. Source: `task.ref`.
    ///
    /// @return the reference
    public Ref ref() {
        return ref;
    }

    /// The process that may wait for the task. Source: `task.owner`.
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
    public R await() {
        return await(DEFAULT_TIMEOUT);
    }

    /// Waits for the result, once. Source: `Task.await/2`.
    ///
    /// @param timeout how long, 0 or more; when it is over the task goes on, and its result
    ///   vanishes
    /// @return the result
    /// @throws TaskExitException if the task ends without a result, or not in time
    /// @throws IllegalStateException if the caller is not the task's owner
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

    /// Waits for the task; if it has not ended in time, it may be waited for again. Source:
    /// `Task.yield/2`.
    ///
    /// Call it as `task.yield(…)`; without the object the word belongs to the language.
    ///
    /// @param timeout how long, 0 or more
    /// @return how it ended, or empty
    /// @throws IllegalStateException if the caller is not the task's owner
    /// @throws IllegalArgumentException if the timeout is negative
    @SuppressWarnings("NamedLikeContextualKeyword") // the word of OTP; always called on an object
    public Optional<TaskResult<R>> yield(Duration timeout) {
        Arguments.time(timeout, "timeout");
        checkOwner();
        return completed == null
                ? Processes.receive(this::mine, timeout).map(this::result)
                : Optional.of(completed);
    }

    /// The reference of the task that a message may be about, a [Reply] or a [Down]; else null.
    static @Nullable Ref refIn(Object message) {
        return switch (message) {
            case Reply reply -> reply.ref();
            case Down down -> down.ref();
            default -> null;
        };
    }

    /// The message, if it is about this task.
    private @Nullable Object mine(Object message) {
        return ref.equals(refIn(message)) ? message : null;
    }

    /// What a message about this task says, which is the last thing heard of it.
    @SuppressWarnings({"unchecked", "NullAway"}) // the task's own function has returned it
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

    /// Wants to hear nothing of the task any more.
    void forget() {
        Processes.demonitorFlush(ref);
        Processes.receive(this::mine, Duration.ZERO); // what came before that
    }

    void checkOwner() {
        Pid self = Processes.self();
        if (!self.equals(owner)) {
            throw new IllegalStateException(
                    "expected task to be waited for by its owner " + owner + ", got: " + self);
        }
    }

    /// Ends the task with `shutdown`, and kills it if it takes more than 5 s.
    ///
    /// @return as [#shutdown(Shutdown)] does
    public Optional<TaskResult<R>> shutdown() {
        return shutdown(Shutdown.within(DEFAULT_TIMEOUT));
    }

    /// Unlinks the task, ends it, and waits until it has ended. Source: `Task.shutdown/2`.
    ///
    /// ```java
    /// task.yield(limit).or(task::shutdown)
    /// ```
    ///
    /// @param how with `shutdown` and a limit after which it is killed, or killed at once
    /// @return its result if that was there; empty if it ended as told; else why it ended, which is
    ///   `killed` if its time was up, and `noproc` if its end has been heard of before
    /// @throws IllegalStateException if the caller is not the task's owner
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

    /// Unlinks the task and forgets it; it goes on, and its result vanishes. Source:
    /// `Task.ignore/1`.
    ///
    /// @return how it ended if that is known by now, else empty
    /// @throws IllegalStateException if the caller is not the task's owner
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
    public static <R extends @Nullable Object> List<R> awaitMany(Collection<Task<R>> tasks) {
        return awaitMany(tasks, DEFAULT_TIMEOUT);
    }

    /// Waits for the results of several tasks. Source: `Task.await_many/2`.
    ///
    /// @param tasks the tasks
    /// @param timeout how long to wait for all of them, 0 or more
    /// @param <R> the type of the results
    /// @return the results, in the order of the tasks
    /// @throws TaskExitException as soon as one of them ends without a result, or when the time is
    ///   over; the others go on, and their results vanish
    /// @throws IllegalStateException if the caller is not the owner of all tasks
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

    /// Gives up waiting for several tasks; what the others have to say vanishes.
    private static <R extends @Nullable Object> TaskExitException givenUp(
            TaskWait<R> wait, String what, ExitReason reason) {
        wait.unanswered().forEach(Task::forget);
        return new TaskExitException(what, reason);
    }

    /// What a task did while [#yieldMany] waited.
    ///
    /// @param task the task
    /// @param result how it ended, or empty
    /// @param <R> the type of the result
    public record Yielded<R extends @Nullable Object>(
            Task<R> task, Optional<TaskResult<R>> result) {}

    /// What happens to tasks that have not ended when the time of [#yieldMany] is over.
    public enum OnTimeout {
        /// They go on, and may be waited for again.
        NOTHING,
        /// They are unlinked and forgotten, see [Task#ignore].
        IGNORE,
        /// They are killed.
        KILL_TASK
    }

    /// Waits for several tasks; those that have not ended in time may be waited for again. Source:
    /// `Task.yield_many/2`.
    ///
    /// @param tasks the tasks
    /// @param timeout how long to wait for all of them, 0 or more
    /// @param <R> the type of the results
    /// @return how they ended, in the order of the tasks
    /// @throws IllegalStateException if the caller is not the owner of all tasks
    /// @throws IllegalArgumentException if the timeout is negative
    public static <R extends @Nullable Object> List<Yielded<R>> yieldMany(
            Collection<Task<R>> tasks, Duration timeout) {
        return yieldMany(tasks, timeout, OnTimeout.NOTHING, Integer.MAX_VALUE);
    }

    /// Waits for several tasks, or for some of them. Source: `Task.yield_many/2`.
    ///
    /// @param tasks the tasks
    /// @param timeout how long to wait, 0 or more
    /// @param onTimeout what happens to the others when the time is over
    /// @param limit how many to wait for, 1 or more
    /// @param <R> the type of the results
    /// @return how they ended, in the order of the tasks
    /// @throws IllegalStateException if the caller is not the owner of all tasks
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

    /// Runs a function on each element, several at a time, each in a task of its own linked to the
    /// process that consumes the stream. Source: `Task.async_stream/3`.
    ///
    /// ```java
    /// try (Stream<TaskResult<Page>> pages = Task.asyncStream(urls, Pages::fetch, options)) {
    ///     pages.forEach(…);
    /// }
    /// ```
    ///
    /// Nothing runs before the stream is consumed, by a process and by that process alone; close
    /// it, as above, unless it is consumed to its end, and what still runs is killed. A task that
    /// fails ends the consumer, unless that traps exits: then the failure is an element, as it
    /// always is with [TaskSupervisor#asyncStreamNolink].
    ///
    /// @param elements the elements
    /// @param function what to do with each
    /// @param options how many at a time, in which order, how long
    /// @param <T> the type of the elements
    /// @param <R> the type of the results
    /// @return the results
    public static <T, R extends @Nullable Object> Stream<TaskResult<R>> asyncStream(
            Iterable<T> elements,
            Function<? super T, ? extends R> function,
            StreamOptions options) {
        return AsyncStream.of(elements, function, options, AsyncStream.Starter.LINKED);
    }
}
