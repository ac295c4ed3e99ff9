package io.genserver.runtime;

import io.genserver.ExitException;
import io.genserver.ExitReason;

/// Finds the exit reason of a process that ends with a throwable.
final class Thrown {

    private Thrown() {}

    static ExitReason reason(Throwable thrown) {
        return thrown instanceof ExitException exit ? exit.reason() : new ExitReason.Crash(thrown);
    }
}
