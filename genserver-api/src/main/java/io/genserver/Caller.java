package io.genserver;

import java.util.Optional;

/// The caller that waits for the reply to one call: a [From], or a [ReplyTo] with the type of the
/// reply. Only the runtime makes instances.
public interface Caller {

    /// Returns the pid of the caller.
    ///
    /// @return the calling process; empty if the caller is a thread that is not a process
    Optional<Pid> pid();

    /// Returns whether anybody still waits for the reply: the call has no reply yet, and the caller
    /// has neither given up nor ended.
    ///
    /// @return whether a reply could still arrive
    boolean isAwaited();
}
