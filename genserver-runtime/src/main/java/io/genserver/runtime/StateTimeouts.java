package io.genserver.runtime;

import io.genserver.Action;
import io.genserver.StateTimeout;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What the last callback asked for besides waiting for the next message, and the state timeout
/// that comes of it. The layer of a [ServerProcess] below its loop.
///
/// Everything here belongs to the owner, see [Ownership], unless it says otherwise.
abstract class StateTimeouts extends LocalProcess {

    private Action action = Action.NONE;

    /// Written by the owner, read by the thread that ends the process.
    private volatile Envelope.@Nullable StateTimeoutFired armed;

    StateTimeouts(LocalRuntime runtime, @Nullable Ancestry ancestry) {
        super(runtime, ancestry);
    }

    final Action action() {
        return action;
    }

    final void act(Action wanted) {
        if (armed != null) {
            disarm();
            armed = null;
        }
        if (action != wanted) {
            action = wanted;
        }
        if (wanted instanceof Action.AfterTimeout timeout && !timeout.after().isZero()) {
            arm(timeout.after());
        }
    }

    private void arm(Duration after) {
        Envelope.StateTimeoutFired next = new Envelope.StateTimeoutFired(this);
        armed = next;
        long nanos = TimeUnits.nanos("a state timeout", after);
        if (nanos != TimeUnits.FOREVER) {
            runtime.timers.arm(next, runtime.timers.clock().nanoTime() + nanos);
            if (isDead()) {
                disarm(); // whoever ended the process may not have seen it
            }
        }
    }

    /// Takes the continuation to run now, if there is one.
    final @Nullable Object takeContinuation() {
        if (action instanceof Action.Continue(Object continuation)) {
            action = Action.NONE;
            return continuation;
        }
        return null;
    }

    /// Whether to wait without a thread.
    final boolean wantsToHibernate() {
        return action == Action.hibernate()
                || (action instanceof Action.AfterTimeout timeout && timeout.hibernate());
    }

    /// Whether a state timeout of 0 is due, now that the mailbox is empty.
    final boolean isTimeoutNow() {
        return action instanceof Action.AfterTimeout timeout && timeout.after().isZero();
    }

    /// Whether a state timeout of 0 is due before the mailbox is looked at: one with a message of
    /// its own is.
    final boolean isTimeoutFirst() {
        return isTimeoutNow() && !isPlain();
    }

    /// Whether the state timeout has no message of its own.
    private boolean isPlain() {
        return action instanceof Action.AfterTimeout timeout
                && timeout.message() == StateTimeout.TIMEOUT;
    }

    /// A system request has been answered: a plain state timeout begins anew, any other goes on.
    final void afterSystemRequest() {
        if (isPlain()) {
            act(action);
        }
    }

    /// Whether this is the state timeout in force, and not one that was cancelled too late.
    final boolean isInForce(Envelope.StateTimeoutFired fired) {
        return fired == armed;
    }

    /// Takes the message of the state timeout that has passed.
    final Object takeTimeoutMessage() {
        if (!(action instanceof Action.AfterTimeout timeout)) {
            throw new AssertionError("a state timeout in force belongs to " + action);
        }
        cancelTimeout();
        return timeout.message();
    }

    /// A message has come, which ends whatever the server was waiting for.
    final void cancelTimeout() {
        if (action != Action.NONE) {
            action = Action.NONE;
        }
        if (armed != null) {
            disarm();
            armed = null;
        }
    }

    /// Any thread.
    final void disarm() {
        Envelope.StateTimeoutFired timeout = armed;
        if (timeout != null) {
            runtime.timers.cancel(timeout);
        }
    }
}
