package io.genserver;

/// A thread that is a process until this attachment is closed; see [Processes#attach].
public interface Attachment extends AutoCloseable {

    /// Returns the pid of the thread.
    ///
    /// @return the pid
    Pid pid();

    /// Ends the process with the reason `normal`. The thread is then an ordinary one again. Closing
    /// twice does nothing.
    ///
    /// @throws IllegalStateException if another thread calls this
    @Override
    void close();

    /// Ends the process with a reason of your own, which linked processes get. The thread is then
    /// an ordinary one again. Closing twice does nothing.
    ///
    /// @param reason the reason
    /// @throws IllegalStateException if another thread calls this
    void close(ExitReason reason);
}
