package io.genserver;

/// The code of a process that [Processes#spawn] starts. If it returns, the process exits with
/// `normal`. If it throws an [ExitException], the process exits with that reason. If it throws
/// anything else, the process exits with [ExitReason.Crash].
@FunctionalInterface
public interface ProcessBody {

    /// Runs in the process, on its thread.
    ///
    /// @throws Exception to end the process with [ExitReason.Crash]
    void run() throws Exception;
}
