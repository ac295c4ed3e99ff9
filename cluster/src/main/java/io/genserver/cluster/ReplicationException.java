package io.genserver.cluster;

/// Thrown when it is unknown whether a write to a [ReplicatedMap] was made, and when a map could
/// not be loaded.
public final class ReplicationException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /// Makes an exception.
    ///
    /// @param message what failed
    public ReplicationException(String message) {
        super(message);
    }

    /// Makes an exception.
    ///
    /// @param message what failed
    /// @param cause why
    public ReplicationException(String message, Throwable cause) {
        super(message, cause);
    }
}
