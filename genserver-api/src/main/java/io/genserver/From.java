package io.genserver;

import java.util.Optional;

/// The caller that waits for the reply to one call.
///
/// To answer later, keep it and return [CastResult#noreply]. Any thread may then answer with
/// [GenServer#reply]. Only the runtime makes instances.
///
/// Source: `GenServer.from/0`.
public interface From {

    /// Returns the pid of the caller.
    ///
    /// @return the calling process; empty if the caller is a thread that is not a process
    Optional<Pid> pid();
}
