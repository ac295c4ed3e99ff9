package io.genserver.supervisor;

import java.util.Locale;

/// Why a supervisor refused a request about a child.
public enum ChildError {
    /// The supervisor has no such child.
    NOT_FOUND,
    /// The supervisor already has a child with this id, which does not run. Restart it or delete
    /// it.
    ALREADY_PRESENT,
    /// The child runs. Terminate it first.
    RUNNING,
    /// The child waits for a restart, because its last restart failed or because of its back-off.
    RESTARTING,
    /// A dynamic supervisor has as many children as its limit allows.
    MAX_CHILDREN;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
