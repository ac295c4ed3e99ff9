package io.genserver;

import java.time.Duration;

/// A request that failed: there was no such server, its mailbox was full, it did not answer in
/// time, or it ended before it answered.
///
/// The message says which server was asked, what was asked, how long the caller waited, and why the
/// request failed. The stack is the caller's. The cause is what the server threw, if it threw
/// something. If a process does not catch this exception, it exits with an [ExitReason.FailedCall].
///
/// Source: the exits of `GenServer.call/3` and `GenServer.stop/3`.
public final class CallException extends ExitException {

    private static final long serialVersionUID = 1L;

    private final transient ExitReason serverReason;
    private final transient ServerRef server;
    private final transient Object request;
    private final transient Duration waited;

    /// Creates the failure of one request. For runtimes.
    ///
    /// @param message the whole message
    /// @param reason the exit reason of a caller that does not catch this exception
    /// @param server the server that was asked
    /// @param request what it was asked
    /// @param waited how long the caller waited
    public CallException(
            String message,
            ExitReason.FailedCall reason,
            ServerRef server,
            Object request,
            Duration waited) {
        super(message, reason, reason.cause());
        this.serverReason = reason.reason();
        this.server = server;
        this.request = request;
        this.waited = waited;
    }

    /// Returns why the request failed: [ExitReason#NOPROC], [ExitReason#TIMEOUT],
    /// [ExitReason#CALLING_SELF], [ExitReason#INTERRUPTED], [ExitReason#MAILBOX_FULL], an
    /// [ExitReason.CallCycle], [ExitReason.NodeDown], or the reason with which the server exited
    /// before it answered.
    ///
    /// @return the reason
    public ExitReason serverReason() {
        return serverReason;
    }

    /// Returns the server that was asked.
    ///
    /// @return the server, as the caller named it
    public ServerRef server() {
        return server;
    }

    /// Returns the request that failed.
    ///
    /// @return the request
    public Object request() {
        return request;
    }

    /// Returns how long the caller waited.
    ///
    /// @return the time from the call to its failure
    public Duration waited() {
        return waited;
    }
}
