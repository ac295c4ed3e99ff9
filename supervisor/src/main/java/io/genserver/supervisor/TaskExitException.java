package io.genserver.supervisor;

import io.genserver.ExitException;
import io.genserver.ExitReason;

/// A task that was awaited ended without a result, or not in time. A process that does not catch
/// this exception exits with an [ExitReason.FailedCall].
///
/// Source: the exits of `Task.await/2`.
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

    /// Returns why there is no result: the task's exit reason, or [ExitReason#TIMEOUT].
    ///
    /// @return the reason
    public ExitReason taskReason() {
        return taskReason;
    }
}
