package io.genserver;

import io.genserver.spi.ProcessRuntime;

/// Starts processes that belong to a supervision tree without being servers.
///
/// Such a process differs from one of [Processes#spawn] in three ways. It knows its ancestors. It
/// is shown with the code that it runs. If it exits by an [ExitException] with a reason that is not
/// orderly, a crash report is logged, as for any other throwable.
///
/// Use this class to build a behaviour of your own; tasks are built with it. Otherwise use
/// [Processes#spawn] or write a [GenServer].
///
/// Source: Erlang's `proc_lib`.
public final class ProcLib {

    private ProcLib() {}

    /// Starts a process without a link, on a virtual thread of its own. Source: `proc_lib:spawn/1`.
    ///
    /// @param initialCall the name of the code it runs, for reports and [ProcessInfo#initialCall]
    /// @param body the code of the process
    /// @return its pid
    public static Pid spawn(String initialCall, ProcessBody body) {
        return ProcessRuntime.get().spawn(initialCall, body, false);
    }

    /// Starts a process that is linked to the calling process from its start on. Source:
    /// `proc_lib:spawn_link/1`.
    ///
    /// @param initialCall the name of the code it runs, for reports and [ProcessInfo#initialCall]
    /// @param body the code of the process
    /// @return its pid
    /// @throws IllegalStateException if the thread is not a process
    public static Pid spawnLink(String initialCall, ProcessBody body) {
        return ProcessRuntime.get().spawn(initialCall, body, true);
    }
}
