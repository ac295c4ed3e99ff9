package io.genserver.spi.distribution;

/// The way to one peer, from the moment it is connected until it is lost. A cluster implements it,
/// the runtime calls it. Any thread may call it, at any time, also after the connection was lost.
public interface Connection {

    /// Sends a signal. If the way is busy, waits until there is room. A signal that is sent after
    /// the connection was lost is dropped.
    ///
    /// @param signal the signal
    /// @param limit how long to wait at most, 0 or more; [Long#MAX_VALUE] for no limit; units: ns
    /// @return false if there was no room in time, so that nothing was sent
    /// @throws IllegalArgumentException if the content cannot be encoded; says what was expected
    ///   and what came
    /// @throws io.genserver.ExitException with [io.genserver.ExitReason#INTERRUPTED] if the thread
    ///   is interrupted while it waits
    boolean send(Signal signal, long limit);

    /// Sends a signal of the runtime's own, without waiting for room. An exit reason or a reply
    /// that cannot be encoded is replaced: a reason by its text, a reply by a [Signal.Failed] that
    /// says why.
    ///
    /// @param signal the signal
    void post(Signal signal);
}
