package io.genserver.runtime;

import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.Via;
import org.jspecify.annotations.Nullable;

/// A timer that sends a message; its own reference. One for a pid is also on that process's list,
/// to be cancelled when it dies.
final class MessageTimer extends TimerWheel.Entry {

    private final LocalRuntime runtime;
    private final ServerRef to;

    /// Written before the timer is armed.
    @Nullable Object message;

    /// The neighbours on the receiver's list. Guarded by the receiver.
    @Nullable MessageTimer next;

    @Nullable MessageTimer previous;

    MessageTimer(LocalRuntime runtime, ServerRef to) {
        this.runtime = runtime;
        this.to = to;
    }

    /// Starts it; one for a process that is dead has lost its message already.
    ///
    /// @param at units: ns of the wheel's clock
    void arm(long at) {
        if (!(to instanceof LocalPid pid)) {
            runtime.timers.arm(this, at);
            return;
        }
        LocalProcess receiver = pid.process();
        if (receiver == null || !receiver.addTimer(this)) {
            send();
            return;
        }
        runtime.timers.arm(this, at);
        if (receiver.isDead()) {
            runtime.timers.cancel(this); // its end may have come before the arming
        }
    }

    /// Disarms it.
    ///
    /// @return how long it had to go, units: ns; -1 if it was not armed
    long cancel() {
        forget();
        return runtime.timers.cancel(this);
    }

    private void forget() {
        LocalProcess receiver = to instanceof LocalPid pid ? pid.process() : null;
        if (receiver != null) {
            receiver.removeTimer(this);
        }
    }

    @Override
    void fire() {
        forget();
        switch (to) {
            case Pid _, Name _ -> send();
            // A registry of the user's own may block or throw, which the timer thread must not.
            case Via _ -> Thread.startVirtualThread(this::send);
        }
    }

    private void send() {
        LocalProcess receiver = runtime.resolve(to);
        Object what = message;
        if (what == null) {
            return;
        }
        if (receiver != null) {
            receiver.deliver(what);
        } else {
            runtime.deadLetters.noReceiver(to, what);
        }
    }
}
