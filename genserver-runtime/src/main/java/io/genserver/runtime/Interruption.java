package io.genserver.runtime;

import io.genserver.ExitException;
import io.genserver.ExitReason;

/// What an interrupted thread does in a receive.
final class Interruption {

    private Interruption() {}

    /// A dead process's thread stops waiting; one that lives exits, with the flag left set, as
    /// blocking methods do.
    static boolean whileReceiving(LocalProcess process) {
        if (process.isDead()) {
            return false;
        }
        process.wake();
        throw new ExitException(ExitReason.INTERRUPTED);
    }
}
