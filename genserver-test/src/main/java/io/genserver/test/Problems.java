package io.genserver.test;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;

/// Runs several steps, of which each runs even if others fail. The first failure is thrown in the
/// end, and the others are suppressed exceptions of it.
final class Problems {

    private @Nullable Throwable first;

    /// Runs a step and keeps what it throws.
    void run(Executable step) {
        try {
            step.execute();
        } catch (Throwable thrown) { // thrown in the end
            add(thrown);
        }
    }

    void add(Throwable problem) {
        if (first == null) {
            first = problem;
        } else if (first != problem) {
            first.addSuppressed(problem);
        }
    }

    @Nullable Throwable first() {
        return first;
    }
}
