package io.genserver.supervisor;

import io.genserver.ExitReason;

/// When a child that has ended is restarted. Source: `:restart` of a child specification.
public enum Restart {
    /// Always, even after an orderly exit.
    PERMANENT,
    /// After every exit except an orderly one: `normal`, `shutdown` or `{shutdown, detail}`.
    TRANSIENT,
    /// Never. The supervisor forgets the child when it ends.
    TEMPORARY;

    boolean appliesTo(ExitReason reason) {
        return this == PERMANENT || (this == TRANSIENT && !reason.isOrderly());
    }
}
