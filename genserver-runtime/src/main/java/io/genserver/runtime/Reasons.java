package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.spi.ClassNames;

/// Exit reasons as the flight recorder shows them: as [ClassNames] does, and with a mark for each
/// call that has failed.
final class Reasons {

    private Reasons() {}

    static String of(ExitReason reason) {
        return reason instanceof ExitReason.FailedCall(ExitReason inner, String _)
                ? "call: " + of(inner)
                : ClassNames.of(reason);
    }
}
