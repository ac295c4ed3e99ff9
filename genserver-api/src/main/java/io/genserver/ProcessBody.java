package io.genserver;

/// What a process started with [Processes#spawn] runs. When it returns, the process exits `normal`;
/// when it throws, the process exits with what it threw.
@FunctionalInterface
public interface ProcessBody {

    /// Runs in the process.
    ///
    /// @throws Exception to end the process with [ExitReason.Crash]
    void run() throws Exception;
}
