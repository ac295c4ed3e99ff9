package io.genserver;

import java.util.Optional;

/// Who waits for the reply of one call. Keep it, return [CastResult#noreply], and any thread may
/// answer later with [GenServer#reply].
///
/// Made by the runtime only. Source: `GenServer.from/0`.
public interface From {

    /// The caller.
    ///
    /// @return the calling process, or empty when the caller is a thread that is no process
    Optional<Pid> pid();
}
