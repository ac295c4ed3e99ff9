package io.genserver.runtime;

import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.Via;
import org.jspecify.annotations.Nullable;

/// A timer that sends a message; its own reference.
final class MessageTimer extends TimerWheel.Entry {

    private final LocalRuntime runtime;
    private final ServerRef to;

    /// Written before the timer is armed.
    @Nullable Object message;

    MessageTimer(LocalRuntime runtime, ServerRef to) {
        this.runtime = runtime;
        this.to = to;
    }

    @Override
    void fire() {
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
