package io.genserver.supervisor;

import io.genserver.Processes;
import io.genserver.Ref;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One wait for several tasks, in the order in which they end.
final class TaskWait<R extends @Nullable Object> {

    /// Decides whether to wait for more tasks.
    @FunctionalInterface
    interface Step<R extends @Nullable Object> {
        /// Runs each time a task has ended.
        ///
        /// @param count how many tasks have ended so far
        /// @param result how the last of them ended
        /// @return whether to go on waiting
        boolean goOn(int count, TaskResult<R> result);
    }

    private final Collection<Task<R>> tasks;
    private final Map<Ref, Task<R>> waiting = new LinkedHashMap<>();
    private final Map<Ref, TaskResult<R>> results = new HashMap<>();

    private TaskWait(Collection<Task<R>> tasks) {
        this.tasks = tasks;
        tasks.forEach(task -> waiting.put(task.ref(), task));
    }

    static <R extends @Nullable Object> TaskWait<R> of(Collection<Task<R>> tasks) {
        List<Task<R>> all = Arguments.list(tasks, "tasks");
        all.forEach(Task::checkOwner);
        return new TaskWait<>(all);
    }

    /// Waits until all tasks have ended or the step returns false.
    ///
    /// @return false if the timeout passed first
    boolean run(Duration timeout, Step<R> step) {
        for (Task<R> task : List.copyOf(waiting.values())) {
            if (task.pid().isEmpty() && !answered(task, task.yield(Duration.ZERO), step)) {
                return true;
            }
        }
        return Processes.isProcess() ? awaitMessages(timeout, step) : awaitEnds(timeout, step);
    }

    private boolean awaitMessages(Duration timeout, Step<R> step) {
        long start = Processes.monotonicTime();
        while (!waiting.isEmpty()) {
            Optional<Object> message =
                    Processes.receive(this::ours, TimeLimit.left(timeout, start));
            if (message.isEmpty()) {
                return false;
            }
            Task<R> task = task(message.get());
            if (!answered(task, Optional.of(task.result(message.get())), step)) {
                return true;
            }
        }
        return true;
    }

    /// On a thread that is no process.
    private boolean awaitEnds(Duration timeout, Step<R> step) {
        TaskArrivals<R> arrivals = new TaskArrivals<>();
        waiting.values().forEach(arrivals::expect);
        long start = Processes.monotonicTime();
        while (!waiting.isEmpty()) {
            Optional<Task<R>> ended = arrivals.next(TimeLimit.left(timeout, start));
            if (ended.isEmpty()) {
                return false;
            }
            Task<R> task = ended.get();
            if (!answered(task, task.yield(Duration.ZERO), step)) {
                return true;
            }
        }
        return true;
    }

    private boolean answered(Task<R> task, Optional<TaskResult<R>> result, Step<R> step) {
        TaskResult<R> how = result.orElseThrow();
        waiting.remove(task.ref());
        results.put(task.ref(), how);
        return step.goOn(results.size(), how);
    }

    private @Nullable Object ours(Object message) {
        Ref ref = Task.refIn(message);
        return ref != null && waiting.containsKey(ref) ? message : null;
    }

    private Task<R> task(Object message) {
        Ref ref = Task.refIn(message);
        Task<R> task = ref == null ? null : waiting.get(ref);
        if (task == null) {
            throw new AssertionError("the match accepted a message of no task: " + message);
        }
        return task;
    }

    Optional<TaskResult<R>> result(Task<R> task) {
        return Optional.ofNullable(results.get(task.ref()));
    }

    List<Task<R>> unanswered() {
        return List.copyOf(waiting.values());
    }

    /// Returns the values of all tasks in their order. Every task must have one.
    List<R> values() {
        List<R> values = new ArrayList<>();
        for (Task<R> task : tasks) {
            if (results.get(task.ref()) instanceof TaskResult.Ok<R>(R value)) {
                values.add(value);
            }
        }
        return values;
    }
}
