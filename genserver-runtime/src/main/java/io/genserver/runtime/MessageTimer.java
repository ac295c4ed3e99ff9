package io.genserver.runtime;

import io.genserver.ServerRef;
import io.genserver.Via;
import org.jspecify.annotations.Nullable;

/// A timer that sends a message; its own reference. A timer for a pid is also known to that
/// process, which cancels it when it ends.
final class MessageTimer extends TimerWheel.Entry {

    private final LocalNode node;
    private final ServerRef to;

    /// Written before the timer is armed.
    @Nullable Object message;

    MessageTimer(LocalNode node, ServerRef to) {
        this.node = node;
        this.to = to;
    }

    /// Starts the timer. A timer for a dead process loses its message at once.
    ///
    /// @param at units: ns of the node's clock
    void arm(long at) {
        if (!(to instanceof LocalPid pid)) {
            node.timers.arm(this, at);
            return;
        }
        LocalProcess receiver = pid.process();
        if (receiver == null || !receiver.addTimer(this)) {
            send();
            return;
        }
        node.timers.arm(this, at);
        if (receiver.isDead()) {
            node.timers.cancel(this); // its end may have come before the arming
        }
    }

    /// Disarms the timer.
    ///
    /// @return how long it had to go, units: ns; -1 if it was not armed
    long cancel() {
        forget();
        return node.timers.cancel(this);
    }

    /// How long it has to go, units: ns; -1 if it is not armed.
    long left() {
        return node.timers.read(this);
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
        if (to instanceof Via) { // a user's registry may block or throw
            Threads.startVirtual(() -> node.run(this::send));
        } else {
            send();
        }
    }

    private void send() {
        LocalProcess receiver = node.resolve(to);
        Object what = message;
        if (what == null) {
            return;
        }
        if (receiver != null) {
            receiver.deliver(what);
        } else {
            node.deadLetters.noReceiver(to, what);
        }
    }
}
