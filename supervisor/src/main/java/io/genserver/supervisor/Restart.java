package io.genserver.supervisor;

import io.genserver.ExitReason;

/// When a child that has ended is started again. Source: `:restart` of a child specification.
public enum Restart {
    /// Always, even after an orderly end.
    PERMANENT,
    /// Unless its end was orderly: `normal`, `shutdown` or `{shutdown, detail}`.
    TRANSIENT,
    /// Never; the supervisor forgets it when it ends.
    TEMPORARY;

    boolean appliesTo(ExitReason reason) {
        return this == PERMANENT || (this == TRANSIENT && !reason.isOrderly());
    }
}
