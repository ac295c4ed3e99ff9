package io.genserver.supervisor;

import io.genserver.Pid;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// What a task's process runs, and what came out of it.
final class TaskWork<R extends @Nullable Object> {

    final Callable<R> function;

    /// The processes on whose behalf the task works.
    final List<Pid> callers;

    /// Null until the function has returned. Written by the task's process. Read by a [TaskRelay]
    /// after the task's end, and by an owner that hands the task over to a relay.
    private volatile TaskResult.@Nullable Ok<R> value;

    /// Whether a [TaskRelay] waits for the value, so that no message is sent. Written by the owner,
    /// read by the task's process. Races OK: a message that is sent in vain is dropped.
    private volatile boolean relayed;

    TaskWork(Callable<R> function, List<Pid> callers) {
        this.function = function;
        this.callers = callers;
    }

    void returned(R result) {
        value = new TaskResult.Ok<>(result);
    }

    TaskResult.@Nullable Ok<R> value() {
        return value;
    }

    void relay() {
        relayed = true;
    }

    boolean isRelayed() {
        return relayed;
    }
}
