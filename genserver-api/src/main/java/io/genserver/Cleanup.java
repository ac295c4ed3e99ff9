package io.genserver;

/// A clean-up that a process has registered with [Processes#onExit]. It runs at most once. Any
/// thread may use it, also after the process has ended.
public interface Cleanup {

    /// Runs the clean-up now, on the calling thread. It does not run again when the process ends.
    ///
    /// If another thread is running it, this returns at once and does not wait for that thread.
    ///
    /// @return false if the clean-up has run, is running or was cancelled before
    /// @throws Exception what the clean-up throws
    boolean run() throws Exception;

    /// Removes the clean-up without running it. Use this for a resource that another process has
    /// taken over.
    ///
    /// @return false if the clean-up has run, is running or was cancelled before
    boolean cancel();
}
