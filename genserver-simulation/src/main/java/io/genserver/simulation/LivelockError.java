package io.genserver.simulation;

/// The failure of a run that took too many steps.
final class LivelockError extends AssertionError {
    private static final long serialVersionUID = 1L;

    LivelockError(int maxSteps) {
        super(
                "expected the run to end within "
                        + maxSteps
                        + " steps, got: more; it goes round in circles, or needs a higher maxSteps");
    }
}
