package io.genserver;

/// A process that had to start did not start. [Start#pid] throws this exception.
public final class StartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// Creates the failure.
    ///
    /// @param message what was expected and what happened
    public StartException(String message) {
        super(message);
    }

    /// Creates the failure from the reason of a [Start.Failed].
    ///
    /// @param reason why the process did not start
    public StartException(ExitReason reason) {
        super("expected the process to start, but it failed: " + reason, reason.cause());
    }
}
