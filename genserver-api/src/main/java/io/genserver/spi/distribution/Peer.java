package io.genserver.spi.distribution;

/// Another node while it is connected. The runtime implements it, a cluster calls it: from one
/// thread at a time, in the order in which things happen.
public interface Peer {

    /// Handles a signal of the peer. Does not block and runs no user's code.
    ///
    /// @param signal the signal
    void receive(Signal signal);

    /// Handles the loss of the connection: all links and monitors to processes of the peer fire
    /// with [io.genserver.ExitReason#NOCONNECTION], and all requests that wait for it fail. Nothing
    /// is received after that.
    void disconnected();
}
