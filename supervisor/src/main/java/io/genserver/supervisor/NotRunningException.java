package io.genserver.supervisor;

import io.genserver.ExitException;
import io.genserver.ExitReason;

/// A registry finds no process because it does not run itself.
final class NotRunningException extends ExitException {

    private static final long serialVersionUID = 1L;

    NotRunningException(String message) {
        super(message, ExitReason.NOPROC, null);
    }
}
