package io.genserver.runtime;

import io.genserver.Pid;
import io.genserver.ServerRef;
import org.jspecify.annotations.Nullable;

/// A timer that sends messages to a process. It is its own reference.
abstract class SendingTimer extends TimerWheel.Entry {

    final ServerRef to;

    SendingTimer(ServerRef to) {
        this.to = to;
    }

    @Override
    @Nullable Pid concerns() {
        return to instanceof Pid pid ? pid : null;
    }

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
