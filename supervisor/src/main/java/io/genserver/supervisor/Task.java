package io.genserver.supervisor;

import io.genserver.Down;
import io.genserver.ExitException;
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
import io.genserver.spi.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
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
/// ## On a thread that is not a process
///
/// A task that such a thread starts belongs to the thread. Everything that waits for the task
/// blocks the thread, and an interrupt ends the wait. There is no link and no message. A task that
/// the thread forgets ends when its function returns.
///
/// [#toFuture] makes a [CompletableFuture] of a task, for code that is built on futures.
///
/// ## In a server
///
/// A server that must not block gets the result as a message, in `handleInfo`. [#resultIn]
/// recognizes it:
///
/// ```java
/// Optional<TaskResult<Report>> ended = task.resultIn(message);
/// if (ended.isPresent()) {
///     return noreply(state.with(ended.get()));
/// }
/// ```
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

    /// The owner's pid, or the owner if it is a thread that is no process.
    private final Object owner;

    private final boolean linked;
    private final @Nullable TaskResult<R> completed; // null: the task has a process
    private final @Nullable TaskWork<R> work; // null: a completed task

    /// Waits for the task of a thread; null for the task of a process.
    private final TaskRelay.@Nullable Started<R> relay;

    /// Null until [#toFuture]. Written by the owner if that is a process, else by any thread under
    /// the monitor; read by any thread.
    private volatile @Nullable CompletableFuture<R> future;

    private Task(
            @Nullable Pid pid,
            Ref ref,
            Object owner,
            boolean linked,
            @Nullable TaskResult<R> completed,
            @Nullable TaskWork<R> work,
            TaskRelay.@Nullable Started<R> relay) {
        this.pid = pid;
        this.ref = ref;
        this.owner = owner;
        this.linked = linked;
        this.completed = completed;
        this.work = work;
        this.relay = relay;
    }

    /// Starts a task that is linked to the calling process, its owner. On a thread that is not a
    /// process there is nothing to link. Does not block.
    ///
    /// Source: `Task.async/1`.
    ///
    /// @param function the work; runs in the task's process
    /// @param <R> the type of the result
    /// @return the task
    public static <R extends @Nullable Object> Task<R> async(Callable<R> function) {
        Arguments.notNull(function, "function");
        return new TaskStarter.Plain(true).start(TaskBody.name(function), function);
    }

    /// Runs a function in a task, and again after a delay if it fails with an [Exception].
    ///
    /// @param function the work; runs in a process of its own for each attempt
    /// @param backOff the delays between the attempts
    /// @param maxAttempts how many attempts there are at most, with the first, 1 or more
    /// @param <R> the type of the result
    /// @return the task
    /// @throws IllegalArgumentException if the number is less than 1
    public static <R extends @Nullable Object> Task<R> retry(
            Callable<R> function, BackOff backOff, int maxAttempts) {
        return retry(function, RetryOptions.of(backOff, maxAttempts));
    }

    /// Runs a function in a task, and again after a delay if it fails as expected. Does not block.
    ///
    /// ```java
    /// Page page = Task.retry(() -> fetch(url), BackOff.of(ofMillis(100), ofSeconds(5)), 4)
    ///         .await(ofMinutes(1));
    /// ```
    ///
    /// The task has the result of the first attempt that returns. If an attempt fails in a way that
    /// is not expected, or the last attempt fails, the task fails: its reason is an
    /// [ExitReason.Crash] with that failure, which has the failures of the earlier attempts as
    /// suppressed exceptions. So that failure is the cause of the [TaskExitException] that [#await]
    /// throws. A function that exits with an orderly reason ends the task with that reason.
    ///
    /// Each attempt runs in a process of its own, so a failed attempt leaves no messages, links or
    /// timers to the next one. An attempt that exceeds the time limit of the options is killed and
    /// counts as failed. An expected failure is logged at level debug.
    ///
    /// The task is linked to the calling process like one of [#async], and ends with it. If the
    /// caller has to survive the failure, use [TaskSupervisor#retry], or a thread that is not a
    /// process.
    ///
    /// [#await()] waits for 5 s, which has to be enough for all attempts and delays together. OTP
    /// has no counterpart.
    ///
    /// @param function the work; runs in a process of its own for each attempt
    /// @param options the delays, the limit, the expected failures, the time limit of an attempt
    /// @param <R> the type of the result
    /// @return the task
    public static <R extends @Nullable Object> Task<R> retry(
            Callable<R> function, RetryOptions options) {
        Retry<R> retry = new Retry<>(function, options);
        return new TaskStarter.Plain(true).start(retry.name(), retry);
    }

    /// Monitors a task's process for the calling process, its owner, and lets it begin.
    static <R extends @Nullable Object> Task<R> begin(Pid pid, TaskWork<R> work, boolean linked) {
        Ref ref = Processes.monitor(pid, MonitorOption.alias(AliasMode.DEMONITOR));
        Processes.send(pid, new Go(ref));
        return new Task<>(pid, ref, Processes.self(), linked, null, work, null);
    }

    /// Returns a task of the calling thread, which is no process.
    static <R extends @Nullable Object> Task<R> ofThread(
            Pid pid, Ref ref, TaskWork<R> work, TaskRelay.Started<R> relay) {
        return new Task<>(pid, ref, Thread.currentThread(), false, null, work, relay);
    }

    /// Returns a task that already has its result and needs no process. Its owner is the calling
    /// process or thread. Source: `Task.completed/1`.
    ///
    /// @param value the result
    /// @param <R> the type of the result
    /// @return the task
    public static <R extends @Nullable Object> Task<R> completed(R value) {
        Object owner = caller();
        Ref ref = owner instanceof Pid ? Processes.alias() : new Reference();
        if (owner instanceof Pid) {
            Processes.unalias(ref); // the reference only identifies the task
        }
        return new Task<>(null, ref, owner, false, new TaskResult.Ok<>(value), null, null);
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
    /// On a thread that is not a process there is nothing to link. Does not block.
    ///
    /// Source: `Task.start_link/1`.
    ///
    /// @param body the work; runs in the new process
    /// @return always a [Start.Ok], so that it can be the start of a [ChildSpec]
    public static Start<Task<?>> startLink(ProcessBody body) {
        Arguments.notNull(body, "body");
        if (!Processes.isProcess()) {
            return new Start.Ok<>(start(body));
        }
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
    /// @return its pid; empty if the owner is a thread that is not a process
    public Optional<Pid> owner() {
        return owner instanceof Pid process ? Optional.of(process) : Optional.empty();
    }

    /// Returns the calling process, or the calling thread if it is no process.
    private static Object caller() {
        return Processes.isProcess() ? Processes.self() : Thread.currentThread();
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
    /// @throws ExitException with `interrupted` if the thread is interrupted while it waits; the
    ///   interrupt flag stays set
    /// @throws IllegalStateException if the calling process or thread is not the owner, or
    ///   [#toFuture] was called
    /// @throws IllegalArgumentException if the timeout is negative
    public R await(Duration timeout) {
        return switch (this.yield(timeout).orElse(null)) {
            case TaskResult.Ok<R>(R value) -> value;
            case TaskResult.Exit<R>(ExitReason reason) -> throw failure(reason);
            case null -> {
                forget();
                throw failure(ExitReason.TIMEOUT);
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
    /// @throws IllegalStateException if the calling process or thread is not the owner
    /// @throws IllegalArgumentException if the timeout is negative
    @SuppressWarnings("NamedLikeContextualKeyword") // the name in OTP; always called on an object
    public Optional<TaskResult<R>> yield(Duration timeout) {
        Arguments.time(timeout, "timeout");
        checkOwner();
        return take(timeout);
    }

    private Optional<TaskResult<R>> take(Duration timeout) {
        if (completed != null) {
            return Optional.of(completed);
        }
        return relay == null
                ? Processes.receive(this::mine, timeout).map(this::result)
                : relay.await(timeout);
    }

    /// Runs an action when the task of a thread has ended, in the relay or on the calling thread.
    void whenEnded(Runnable action) {
        if (relay != null) {
            var _ = relay.outcome().thenRun(action);
        }
    }

    /// Makes a future of the task, which then gets the result. It sends no message after that, and
    /// the functions that wait for the task throw [IllegalStateException].
    ///
    /// | the task | the future |
    /// |---|---|
    /// | returns a value | completes with it |
    /// | ends without a result | fails with the [TaskExitException] that [#await] would throw |
    /// | goes on while the future is cancelled by `cancel(true)` | the task is shut down within 5 s |
    /// | goes on while the future is cancelled by `cancel(false)` | the task goes on, and its result is dropped |
    ///
    /// A failure of the task is in the future and does not end the owner: the link is removed. A
    /// task that was linked still ends with its owner.
    ///
    /// Stages that depend on the future run when it completes, in a process of their own. They may
    /// block, and have the log context of the thread that called this method if the owner is a
    /// process, or that started the task if it is not.
    ///
    /// Does not wait for the task. OTP has no counterpart.
    ///
    /// @return the future; each call returns the same one
    /// @throws IllegalStateException if the owner is a process, and not the calling one
    public CompletableFuture<R> toFuture() {
        if (owner instanceof Pid) {
            checkIsOwner();
        }
        return madeFuture();
    }

    private synchronized CompletableFuture<R> madeFuture() {
        CompletableFuture<R> made = future;
        if (made == null) {
            made = makeFuture();
            future = made;
        }
        return made;
    }

    private CompletableFuture<R> makeFuture() {
        if (pid == null || work == null) {
            return settled(take(Duration.ZERO).orElseThrow());
        }
        if (relay != null) {
            return follow(relay);
        }
        TaskRelay.Started<R> mine =
                TaskRelay.startForFuture(pid, work, linked ? Processes.self() : null);
        work.relay();
        // If the task ended before the relay monitored it, only the owner's own monitor tells why.
        Optional<TaskResult<R>> before = take(Duration.ZERO);
        TaskBody.unlink(pid);
        forget();
        if (before.isEmpty()) {
            return follow(mine);
        }
        TaskResult<R> value = work.value(); // it may have been too late for a message
        return settled(value == null ? before.get() : value);
    }

    private CompletableFuture<R> follow(TaskRelay.Started<R> from) {
        CompletableFuture<R> following = new TaskFuture<>(from);
        var _ = from.outcome().thenAccept(result -> settle(following, result));
        return following;
    }

    private CompletableFuture<R> settled(TaskResult<R> result) {
        CompletableFuture<R> one = new CompletableFuture<>();
        settle(one, result);
        return one;
    }

    private void settle(CompletableFuture<R> one, TaskResult<R> result) {
        var _ =
                switch (result) {
                    case TaskResult.Ok<R>(R value) -> one.complete(value);
                    case TaskResult.Exit<R>(ExitReason reason) ->
                            one.completeExceptionally(failure(reason));
                };
    }

    private TaskExitException failure(ExitReason reason) {
        return new TaskExitException("Task.await of " + this, reason);
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

    /// Returns how the task ended, if a message says so. This is for an owner that gets messages in
    /// [GenServer#handleInfo] instead of waiting for the task.
    ///
    /// The message is a [Reply] if the task's function returned, and a [Down] if the task ended
    /// without a result. After a [Reply] the task is no longer monitored, so no [Down] of the task
    /// follows. Does not block.
    ///
    /// Source: `Process.demonitor(ref, [:flush])` in the `handle_info/2` of Elixir's
    /// `Task.Supervisor.async_nolink/3`.
    ///
    /// @param message what the owner has received
    /// @return how the task ended; empty if the message is not from this task
    /// @throws IllegalStateException if the calling process or thread is not the owner, or
    ///   [#toFuture] was called
    public Optional<TaskResult<R>> resultIn(Object message) {
        Arguments.notNull(message, "message");
        checkOwner();
        return Optional.ofNullable(mine(message)).map(this::result);
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
        if (relay != null) {
            return; // no messages
        }
        Processes.demonitorFlush(ref);
        Processes.receive(this::mine, Duration.ZERO); // a reply that came before that
    }

    void checkOwner() {
        checkIsOwner();
        if (future != null) {
            throw new IllegalStateException(
                    "expected the result of "
                            + this
                            + " to be taken from its future, because toFuture was called");
        }
    }

    private void checkIsOwner() {
        Object caller = caller();
        if (!caller.equals(owner)) {
            throw new IllegalStateException(
                    "expected task to be waited for by its owner " + owner + ", got: " + caller);
        }
    }

    /// Shuts the task down, and kills it if it has not ended within 5 s.
    ///
    /// @return as [#shutdown(Shutdown)] does
    /// @throws IllegalStateException if the calling process or thread is not the owner
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
    /// @throws IllegalStateException if the calling process or thread is not the owner
    public Optional<TaskResult<R>> shutdown(Shutdown how) {
        Arguments.notNull(how, "how");
        checkOwner();
        if (pid == null) {
            return Optional.ofNullable(completed);
        }
        TaskResult<R> ended = relay == null ? end(pid, how) : relay.end(how);
        ExitReason told = how instanceof Shutdown.Brutal ? ExitReason.KILLED : ExitReason.SHUTDOWN;
        return ended.equals(new TaskResult.Exit<R>(told)) ? Optional.empty() : Optional.of(ended);
    }

    private TaskResult<R> end(Pid process, Shutdown how) {
        ExitReason reason = TaskBody.end(process, ref, how);
        return Processes.receive(this::reply, Duration.ZERO)
                .map(this::result)
                .orElseGet(() -> new TaskResult.Exit<>(reason));
    }

    private @Nullable Object reply(Object message) {
        return message instanceof Reply reply && reply.ref().equals(ref) ? reply : null;
    }

    /// Unlinks the task and drops its result. The task goes on. Does not block.
    ///
    /// Source: `Task.ignore/1`.
    ///
    /// @return how the task ended, if its message has arrived; otherwise empty
    /// @throws IllegalStateException if the calling process or thread is not the owner
    public Optional<TaskResult<R>> ignore() {
        Optional<TaskResult<R>> result = this.yield(Duration.ZERO);
        if (pid != null && relay == null) {
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
    /// @throws IllegalStateException if the calling process or thread is not the owner of all tasks
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
    /// @throws IllegalStateException if the calling process or thread is not the owner of all tasks
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
    /// @throws IllegalStateException if the calling process or thread is not the owner of all tasks
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
    /// a time. The tasks are linked to the process that consumes the stream. For a thread that is
    /// not a process there is nothing to link: the failure of a task is an element of the stream.
    ///
    /// ```java
    /// try (Stream<TaskResult<Page>> pages = Task.asyncStream(urls, Pages::fetch, options)) {
    ///     pages.forEach(…);
    /// }
    /// ```
    ///
    /// The first task starts when the stream is consumed. One process or thread has to consume the
    /// whole stream; otherwise the stream throws [IllegalStateException]. Close a stream that is
    /// not consumed to its end, as above: this kills the tasks that still run.
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
        return AsyncStream.of(elements, function, options, new TaskStarter.Plain(true));
    }
}
