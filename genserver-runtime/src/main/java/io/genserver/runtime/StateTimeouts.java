package io.genserver.runtime;

import io.genserver.Action;
import io.genserver.StateTimeout;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What the last callback of a server has asked for besides its result, and the state timeout that
/// results from it. Owner, unless stated otherwise.
final class StateTimeouts {

    private final LocalProcess server;

    /// What counts if a callback has asked for nothing: [Action#NONE], or the timeout of the option
    /// `idleTimeout`.
    private final Action idle;

    private Action action;

    /// The context of the turn that has asked for the action.
    private @Nullable Object context;

    /// Written by the owner, read by the dying thread.
    private volatile Envelope.@Nullable StateTimeoutFired armed;

    StateTimeouts(LocalProcess server, Action idle) {
        this.server = server;
        this.idle = idle;
        this.action = idle;
    }

    Action action() {
        return action;
    }

    /// Performs the action that a callback has asked for.
    void act(Action wanted) {
        context = wanted == Action.NONE ? null : MessageContext.carried();
        begin(wanted);
    }

    private void begin(Action wanted) {
        if (armed != null) {
            disarm();
            armed = null;
        }
        action = wanted == Action.NONE ? idle : orIdle(wanted);
        if (action instanceof Action.AfterTimeout timeout && !timeout.after().isZero()) {
            arm(timeout.after());
        }
    }

    /// Adds the idle timeout to a hibernation without an end.
    private Action orIdle(Action wanted) {
        return wanted == Action.hibernate() && idle instanceof Action.AfterTimeout timeout
                ? Action.hibernate(timeout.after(), timeout.message())
                : wanted;
    }

    private void arm(Duration after) {
        Envelope.StateTimeoutFired next = new Envelope.StateTimeoutFired(server, context);
        armed = next;
        long nanos = TimeUnits.nanos("a state timeout", after);
        if (nanos != TimeUnits.FOREVER) {
            TimerWheel timers = server.node.timers;
            timers.arm(next, timers.clock().nanoTime() + nanos);
            if (server.isDead()) {
                disarm(); // the dying thread may have missed the timer
            }
        }
    }

    /// Returns the context of the turn that has asked for what is taken next.
    @Nullable Object context() {
        return context;
    }

    /// Takes the continuation to run next.
    ///
    /// @return the continuation, or null if there is none
    @Nullable Object takeContinuation() {
        if (action instanceof Action.Continue(Object continuation)) {
            begin(Action.NONE);
            return continuation;
        }
        return null;
    }

    /// Returns whether the last callback has asked for nothing. Races OK: other threads ask for
    /// people.
    boolean asksForNothing() {
        return action.equals(idle);
    }

    /// Returns whether the server is to wait without a thread.
    boolean wantsToHibernate() {
        return action == Action.hibernate()
                || (action instanceof Action.AfterTimeout timeout && timeout.hibernate());
    }

    /// Returns whether a state timeout of 0 is due when the mailbox is empty.
    boolean isDue() {
        return action instanceof Action.AfterTimeout timeout && timeout.after().isZero();
    }

    /// Returns whether a state timeout of 0 is due before the next message. That is so if it has a
    /// message of its own.
    boolean isDueFirst() {
        return isDue() && !isPlain();
    }

    /// Returns whether the state timeout has no message of its own.
    private boolean isPlain() {
        return action instanceof Action.AfterTimeout timeout
                && timeout.message() == StateTimeout.TIMEOUT;
    }

    /// Handles that a system request has been answered. A plain state timeout starts again; any
    /// other one continues.
    void afterSystemRequest() {
        if (isPlain()) {
            begin(action);
        }
    }

    /// Returns whether this is the state timeout in force, and not one that was cancelled too late.
    boolean isInForce(Envelope.StateTimeoutFired fired) {
        return fired == armed;
    }

    /// Takes the message of the state timeout that has passed.
    Object takeMessage() {
        if (!(action instanceof Action.AfterTimeout timeout)) {
            throw new AssertionError("a state timeout in force belongs to " + action);
        }
        begin(Action.NONE);
        return timeout.message();
    }

    /// Drops what the last callback has asked for, and cancels the state timeout. Called when a
    /// message has arrived. An idle timeout goes on until the callback has returned and it starts
    /// anew. So the server has one even if the turn is given up.
    void cancel() {
        if (!action.equals(idle)) {
            begin(Action.NONE);
        }
    }

    /// Cancels the timer of the state timeout. Any thread.
    void disarm() {
        Envelope.StateTimeoutFired timeout = armed;
        if (timeout != null) {
            server.node.timers.cancel(timeout);
        }
    }
}
