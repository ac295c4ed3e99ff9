package io.genserver.runtime;

import io.genserver.ExitException;
import io.genserver.ExitReason;

/// What a throwable means for the process it ends.
final class Thrown {

    private Thrown() {}

    static ExitReason reason(Throwable thrown) {
        return thrown instanceof ExitException exit ? exit.reason() : new ExitReason.Crash(thrown);
    }
}
