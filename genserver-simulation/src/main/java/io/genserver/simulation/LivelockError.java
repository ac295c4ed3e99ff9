package io.genserver.simulation;

/// The failure of a run that goes round in circles.
final class LivelockError extends AssertionError {
    private static final long serialVersionUID = 1L;

    LivelockError(String message) {
        super(message);
    }
}
