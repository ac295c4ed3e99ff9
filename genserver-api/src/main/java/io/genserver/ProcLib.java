package io.genserver;

import io.genserver.spi.ProcessRuntime;

/// Starts processes that belong to a supervision tree without being servers: they know who started
/// them, are shown with what they run, and log a crash report for every end that is not orderly, an
/// exit on purpose among them.
///
/// For those who build behaviours of their own, as tasks are built. For anything else spawn with
/// [Processes], or write a [GenServer].
///
/// Source: Erlang's `proc_lib`.
public final class ProcLib {

    private ProcLib() {}

    /// Starts a process without a link. Source: `proc_lib:spawn/1`.
    ///
    /// @param initialCall what it runs, for people
    /// @param body what it runs
    /// @return its pid
    public static Pid spawn(String initialCall, ProcessBody body) {
        return ProcessRuntime.get().spawn(initialCall, body, false);
    }

    /// Starts a process linked to the calling one, as one step. Source: `proc_lib:spawn_link/1`.
    ///
    /// @param initialCall what it runs, for people
    /// @param body what it runs
    /// @return its pid
    /// @throws IllegalStateException if the thread is no process
    public static Pid spawnLink(String initialCall, ProcessBody body) {
        return ProcessRuntime.get().spawn(initialCall, body, true);
    }
}
