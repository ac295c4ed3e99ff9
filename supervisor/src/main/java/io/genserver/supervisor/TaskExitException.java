package io.genserver.supervisor;

import io.genserver.ExitException;
import io.genserver.ExitReason;

/// A task that was awaited did not return, or not in time. Source: the exits of `Task.await/2`.
public final class TaskExitException extends ExitException {

    private static final long serialVersionUID = 1L;

    private final transient ExitReason taskReason;

    TaskExitException(String what, ExitReason taskReason) {
        this(what, new ExitReason.FailedCall(taskReason, what));
    }

    private TaskExitException(String what, ExitReason.FailedCall reason) {
        super(what + " failed: " + reason.reason(), reason, reason.cause());
        this.taskReason = reason.reason();
    }

    /// Why there is no value: why the task ended, or [ExitReason#TIMEOUT].
    ///
    /// @return the reason
    public ExitReason taskReason() {
        return taskReason;
    }
}
