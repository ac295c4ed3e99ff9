package io.genserver;

import org.jspecify.annotations.Nullable;

/// An exit that is thrown through the stack of the process that exits. It can be caught like any
/// exception. If it is not caught, its reason becomes the exit reason of the process.
///
/// Source: `exit/1` and `catch_exit`.
public class ExitException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ExitReason reason;

    /// Creates an exit.
    ///
    /// @param reason the exit reason if nothing catches this exception
    public ExitException(ExitReason reason) {
        this(String.valueOf(reason), reason, reason.cause());
    }

    /// Creates an exit with a message that says more than its reason.
    ///
    /// @param message what happened
    /// @param reason the exit reason if nothing catches this exception
    /// @param cause what was thrown elsewhere, or null
    protected ExitException(String message, ExitReason reason, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /// Returns the exit reason of a process that does not catch this exception.
    ///
    /// @return the reason
    public final ExitReason reason() {
        return reason;
    }
}
