package io.genserver.runtime;

import io.genserver.ServerRef;
import io.genserver.Via;
import org.jspecify.annotations.Nullable;

/// A timer that sends one message. If it sends to a pid, that process knows it too and cancels it
/// when it ends.
final class MessageTimer extends SendingTimer {

    private final LocalNode node;

    /// Written before the timer is armed.
    @Nullable Object message;

    MessageTimer(LocalNode node, ServerRef to) {
        super(to);
        this.node = node;
    }

    /// Arms the timer. The message of a timer for a dead process is a dead letter at once.
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
            node.timers.cancel(this); // the process may have ended before this
        }
    }

    @Override
    long cancel() {
        forget();
        return node.timers.cancel(this);
    }

    @Override
    String describe() {
        Object sent = message;
        return "message "
                + SafeText.of(sent == null ? null : Envelope.content(sent))
                + " for "
                + SafeText.of(to);
    }

    @Override
    long left() {
        return node.timers.read(this);
    }

    @Override
    void endWithProcess() {
        node.timers.cancel(this);
    }

    private void forget() {
        LocalProcess receiver = to instanceof LocalPid pid ? pid.process() : null;
        if (receiver != null) {
            receiver.removeTimer(this);
        }
    }

    @Override
    boolean firesAgain() {
        return true;
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
        Object what = message;
        if (what == null) {
            return;
        }
        LocalProcess receiver = node.acquireForCast(to);
        if (receiver == null) {
            node.deadLetters.noReceiver(to, what);
            return;
        }
        try {
            Admission.sendWithoutWaiting(receiver, what);
        } finally {
            LocalNode.release(to, receiver);
        }
    }
}
