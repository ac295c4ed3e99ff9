package io.genserver;

import org.jspecify.annotations.Nullable;

/// An exit on its way up the stack of the process that exits. It can be caught, as any exception;
/// uncaught, its reason is the process's exit reason.
///
/// Source: `exit/1` and `catch_exit`.
public class ExitException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ExitReason reason;

    /// Creates an exit.
    ///
    /// @param reason what the process exits with if nobody catches this
    public ExitException(ExitReason reason) {
        this(String.valueOf(reason), reason, reason.cause());
    }

    /// Creates an exit that says more than its reason.
    ///
    /// @param message what happened
    /// @param reason what the process exits with if nobody catches this
    /// @param cause what was thrown elsewhere, or null
    protected ExitException(String message, ExitReason reason, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /// What the process exits with if nobody catches this.
    ///
    /// @return the reason
    public final ExitReason reason() {
        return reason;
    }
}
