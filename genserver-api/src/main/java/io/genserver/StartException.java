package io.genserver;

/// A process that had to start did not. Thrown by [Start#pid].
public final class StartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// Creates the failure.
    ///
    /// @param message what was expected and what came
    public StartException(String message) {
        super(message);
    }

    /// Creates the failure from the reason the process gave.
    ///
    /// @param reason why it did not start
    public StartException(ExitReason reason) {
        super("expected the process to start, but it failed: " + reason, reason.cause());
    }
}
