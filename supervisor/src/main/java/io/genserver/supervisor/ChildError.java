package io.genserver.supervisor;

import java.util.Locale;

/// Why a supervisor refused to do something to a child.
public enum ChildError {
    /// It has no child of that id.
    NOT_FOUND,
    /// It has a child of that id already, which does not run: restart or delete it.
    ALREADY_PRESENT,
    /// The child runs: terminate it first.
    RUNNING,
    /// The child's last restart failed and is about to be tried again.
    RESTARTING,
    /// A dynamic supervisor has as many children as it may have.
    MAX_CHILDREN;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
