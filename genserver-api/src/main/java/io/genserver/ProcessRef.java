package io.genserver;

/// What refers to a process: an untyped [ServerRef], or a [Server], whose type says what may be
/// sent to it.
///
/// Functions that work on any process take this type: monitors, timers,
/// [GenServer#stop(ProcessRef)], [Sys], supervisors.
public sealed interface ProcessRef permits ServerRef, Server {

    /// Returns the same reference without a type.
    ///
    /// @return the reference
    ServerRef untyped();
}
