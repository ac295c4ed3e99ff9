package io.genserver.supervisor;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.supervisor.StreamOptions.FailedInput;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// The stream behind [Task#asyncStream]. It runs in the process, or on the thread, that consumes
/// it. Each time the consumer asks for a result, the stream starts as many tasks as may run and
/// waits until the result is there.
final class AsyncStream<T, R extends @Nullable Object>
        extends Spliterators.AbstractSpliterator<TaskResult<R>> {

    /// A task that has started and whose result is not known yet.
    private record Running<T, R extends @Nullable Object>(
            long index, T input, Task<R> task, long startedAt) {}

    private final Iterable<T> source;
    private final Function<? super T, ? extends R> function;
    private final StreamOptions options;
    private final TaskStarter starter;

    /// The tasks by their references, in the order of their start.
    private final Map<Ref, Running<T, R>> running = new LinkedHashMap<>();

    /// The results that the consumer has not taken, by their position in the stream.
    private final Map<Long, TaskResult<R>> ready = new HashMap<>();

    private @Nullable Iterator<T> elements; // null until the stream is consumed
    private long started;
    private long finished;
    private long emitted;
    private boolean closed;

    /// The pid of the process, or the thread if it is no process. Null until the stream is
    /// consumed.
    private @Nullable Object consumer;

    private @Nullable TaskGuard guard; // null while no process has started a task

    /// The tasks that have ended, if the consumer is a thread.
    private final TaskArrivals<R> arrivals = new TaskArrivals<>();

    private AsyncStream(
            Iterable<T> source,
            Function<? super T, ? extends R> function,
            StreamOptions options,
            TaskStarter starter) {
        super(Long.MAX_VALUE, options.ordered() ? Spliterator.ORDERED : 0);
        this.source = source;
        this.function = function;
        this.options = options;
        this.starter = starter;
    }

    static <T, R extends @Nullable Object> Stream<TaskResult<R>> of(
            Iterable<T> elements,
            Function<? super T, ? extends R> function,
            StreamOptions options,
            TaskStarter starter) {
        Arguments.notNull(elements, "elements");
        Arguments.notNull(function, "function");
        Arguments.notNull(options, "options");
        AsyncStream<T, R> stream = new AsyncStream<>(elements, function, options, starter);
        return StreamSupport.stream(stream, false).onClose(stream::close);
    }

    /// Returns null: the stream belongs to one process, so it is never split.
    @Override
    public @Nullable Spliterator<TaskResult<R>> trySplit() {
        return null;
    }

    @Override
    public boolean tryAdvance(Consumer<? super TaskResult<R>> action) {
        checkConsumer();
        try {
            TaskResult<R> next = next();
            if (next == null) {
                close();
                return false;
            }
            action.accept(next);
            return true;
        } catch (RuntimeException | Error thrown) { // by the elements, a timeout or the consumer
            close();
            throw thrown;
        }
    }

    private void checkConsumer() {
        Object self = Processes.isProcess() ? Processes.self() : Thread.currentThread();
        if (consumer == null) {
            consumer = self;
        } else if (!consumer.equals(self)) {
            throw new IllegalStateException(
                    "expected the stream to be consumed by one process, "
                            + consumer
                            + ", got: "
                            + self);
        }
    }

    private @Nullable TaskResult<R> next() {
        Iterator<T> inputs = elements();
        while (true) {
            while (!closed && running.size() < options.maxConcurrency() && inputs.hasNext()) {
                start(inputs.next());
            }
            TaskResult<R> result = ready.remove(emitted);
            if (result != null) {
                emitted++;
                return result;
            }
            if (running.isEmpty()) {
                return null;
            }
            awaitOne();
        }
    }

    private Iterator<T> elements() {
        if (elements == null) {
            elements = source.iterator();
        }
        return elements;
    }

    private void start(T input) {
        Callable<R> call = () -> function.apply(input);
        Task<R> task = starter.start(TaskBody.name(function), call, pid -> guard().watch(pid));
        if (!Processes.isProcess()) {
            arrivals.expect(task);
        }
        long now = Processes.monotonicTime();
        running.put(task.ref(), new Running<>(started++, input, task, now));
    }

    private void awaitOne() {
        if (!Processes.isProcess()) {
            awaitArrival();
            return;
        }
        Optional<Object> message = Processes.receive(this::ours, timeLeft());
        if (message.isEmpty()) {
            overdue();
            return;
        }
        Running<T, R> one = running.get(Task.refIn(message.get()));
        if (one == null) {
            throw new AssertionError("the match accepted a message of no task: " + message.get());
        }
        if (message.get() instanceof Task.Reply) {
            awaitEnd(one.task());
        }
        finish(one, one.task().result(message.get()));
    }

    /// Waits for a task of a thread. One that took too long was killed before.
    private void awaitArrival() {
        Optional<Task<R>> ended = arrivals.next(timeLeft());
        if (ended.isEmpty()) {
            overdue();
            return;
        }
        Running<T, R> one = running.get(ended.get().ref());
        if (one != null) {
            finish(one, one.task().yield(Duration.ZERO).orElseThrow());
        }
    }

    /// Waits until a task that has replied has ended, which takes no time. Its supervisor then has
    /// room for the next task.
    private static void awaitEnd(Task<?> task) {
        Processes.receive(Match.type(Down.class, down -> down.ref().equals(task.ref())));
    }

    private @Nullable Object ours(Object message) {
        Ref ref = Task.refIn(message);
        return ref != null && running.containsKey(ref) ? message : null;
    }

    /// Returns the time that is left for the task that was started first.
    private Duration timeLeft() {
        return TimeLimit.left(options.timeout(), oldest().startedAt());
    }

    private Running<T, R> oldest() {
        return running.values().iterator().next();
    }

    private void overdue() {
        Running<T, R> oldest = oldest();
        if (options.onTimeout() == StreamOptions.OnTimeout.EXIT) {
            throw new TaskExitException(
                    "Task.asyncStream, a task within " + options.timeout(), ExitReason.TIMEOUT);
        }
        finish(
                oldest,
                oldest.task()
                        .shutdown(Shutdown.brutalKill())
                        .orElseGet(() -> new TaskResult.Exit<>(ExitReason.TIMEOUT)));
    }

    private void finish(Running<T, R> one, TaskResult<R> result) {
        running.remove(one.task().ref());
        if (Processes.isProcess()) {
            one.task()
                    .pid()
                    .ifPresent(pid -> {
                        TaskBody.unlink(pid);
                        guard().release(pid);
                    });
        }
        ready.put(options.ordered() ? one.index() : finished, shown(one, result));
        finished++;
    }

    private TaskResult<R> shown(Running<T, R> one, TaskResult<R> result) {
        return options.zipInputOnExit() && result instanceof TaskResult.Exit<R>(ExitReason reason)
                ? new TaskResult.Exit<>(ExitReason.of(new FailedInput(one.input(), reason)))
                : result;
    }

    /// Kills the running tasks and removes their messages.
    private void close() {
        closed = true;
        for (Running<T, R> one : List.copyOf(running.values())) {
            one.task().shutdown(Shutdown.brutalKill());
        }
        running.clear();
        ready.clear();
        if (guard != null) {
            guard.end();
            guard = null;
        }
    }

    /// Returns the process that ends the tasks if the consumer ends before it closes the stream. A
    /// link would not do: it ends only linked tasks, and none if the consumer exits normally.
    private TaskGuard guard() {
        if (guard == null) {
            guard = TaskGuard.start(Shutdown.brutalKill());
        }
        return guard;
    }
}
