package io.genserver;

/// A thread that has become a process until this is closed. See [Processes#attach].
public interface Attachment extends AutoCloseable {

    /// The pid the thread has meanwhile.
    ///
    /// @return the pid
    Pid pid();

    /// Ends the process with the reason `normal`; the thread is an ordinary one again. Closing
    /// twice does nothing.
    ///
    /// @throws IllegalStateException if another thread does it
    @Override
    void close();

    /// Ends the process with a reason of your own; linked processes get it.
    ///
    /// @param reason the reason
    /// @throws IllegalStateException if another thread does it
    void close(ExitReason reason);
}
