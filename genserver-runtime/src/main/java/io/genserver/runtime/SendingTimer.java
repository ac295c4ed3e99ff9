package io.genserver.runtime;

/// A timer that sends messages to a process. It is its own reference.
abstract class SendingTimer extends TimerWheel.Entry {

    /// Ends the timer for its user. Any thread.
    ///
    /// @return the time it had left, units: ns; -1 if it had ended
    abstract long cancel();

    /// Returns the time that the timer has left, units: ns; -1 if it has ended. Any thread.
    abstract long left();

    /// Ends the timer because a process that knows it has ended. The dying thread, which holds no
    /// lock.
    abstract void endWithProcess();
}
