package io.genserver;

import java.time.Duration;

/// A request that failed: the server was not there, did not answer in time, or died before it
/// answered. The message says which server, which request, how long it waited and why; the stack is
/// the caller's, and the cause is what the server threw.
///
/// Source: the exits of `GenServer.call/3` and `GenServer.stop/3`.
public final class CallException extends ExitException {

    private static final long serialVersionUID = 1L;

    private final transient ExitReason serverReason;
    private final transient ServerRef server;
    private final transient Object request;
    private final transient Duration waited;

    /// Creates the failure of one request; for runtimes.
    ///
    /// @param message the whole sentence
    /// @param reason what the caller exits with if it does not catch this
    /// @param server which server was asked
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

    /// Why the request failed: [ExitReason#NOPROC], [ExitReason#TIMEOUT],
    /// [ExitReason#CALLING_SELF], [ExitReason#INTERRUPTED], or the reason the server exited with
    /// before it answered.
    ///
    /// @return the reason
    public ExitReason serverReason() {
        return serverReason;
    }

    /// The server that was asked.
    ///
    /// @return the server, as the caller named it
    public ServerRef server() {
        return server;
    }

    /// The request that failed.
    ///
    /// @return the request
    public Object request() {
        return request;
    }

    /// How long the caller waited.
    ///
    /// @return the time from the call to its failure
    public Duration waited() {
        return waited;
    }
}
