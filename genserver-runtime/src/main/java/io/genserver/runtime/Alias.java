package io.genserver.runtime;

import io.genserver.spi.Reference;

/// A reference to which messages can be sent while it is in force. It knows its process only by
/// pid, because a reference may be kept long after the process is dead.
class Alias extends Reference {

    final ProcessPid owner;

    /// Whether the first message ends the alias.
    final boolean endsWithMessage;

    /// Guarded by the process.
    private boolean inForce;

    Alias(ProcessPid owner, boolean inForce, boolean endsWithMessage) {
        this.owner = owner;
        this.inForce = inForce;
        this.endsWithMessage = endsWithMessage;
    }

    /// Returns whether messages can be sent to it. A monitor need not be an alias.
    boolean isAlias() {
        return true;
    }

    /// Guarded by the process.
    final boolean isInForce() {
        return inForce;
    }

    /// Guarded by the process.
    ///
    /// @return whether it was in force
    final boolean end() {
        boolean before = inForce;
        inForce = false;
        return before;
    }
}
