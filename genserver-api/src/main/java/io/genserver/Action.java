package io.genserver;

import java.time.Duration;

/// What a server does after a callback, before it waits for the next message. Source: the last
/// element of the result of a `gen_server` callback.
public sealed interface Action {

    /// Does nothing more: the server waits for the next message.
    Action NONE = new None();

    /// Sends the server a [StateTimeout] if no message arrives in time.
    ///
    /// Any message cancels the timeout. It then stays cancelled until a callback returns it again.
    /// A [Sys] request does not cancel it, but starts it anew. For a timeout that lasts see
    /// [StartOption#idleTimeout].
    ///
    /// @param after how long to wait, 0 or more; with 0 a message that is already queued comes
    ///   first
    /// @return the action
    /// @throws IllegalArgumentException if the duration is negative
    static Action timeout(Duration after) {
        return new AfterTimeout(after, StateTimeout.TIMEOUT, false);
    }

    /// Sends the server a message of your own if no other message arrives in time.
    ///
    /// It differs from [#timeout(Duration)] in two ways: a [Sys] request does not start it anew,
    /// and with 0 it comes before all queued messages. Source: `{timeout, time, message}` of OTP
    /// 29.
    ///
    /// @param after how long to wait, 0 or more
    /// @param message the message for [GenServer#handleInfo]
    /// @return the action
    /// @throws IllegalArgumentException if the duration is negative
    static Action timeout(Duration after, Object message) {
        return new AfterTimeout(after, message, false);
    }

    /// Makes the server hibernate until the next message arrives.
    ///
    /// On the BEAM a process that hibernates gives its memory back. Here a server that waits holds
    /// no thread and no stack in any case, so hibernation changes only what [ProcessInfo#status()]
    /// shows. A server with a thread of its own keeps the thread.
    ///
    /// @return the action
    static Action hibernate() {
        return Hibernate.HIBERNATE;
    }

    /// Makes the server hibernate, and sends it a message if no other message arrives in time, as
    /// [#timeout(Duration, Object)] does. Source: `{hibernate, time, message}` of OTP 29.
    ///
    /// @param after how long to wait, 0 or more
    /// @param message the message for [GenServer#handleInfo]
    /// @return the action
    /// @throws IllegalArgumentException if the duration is negative
    static Action hibernate(Duration after, Object message) {
        return new AfterTimeout(after, message, true);
    }

    /// Runs [GenServer#handleContinue] next: after the reply is sent and before any queued message.
    ///
    /// @param continuation the value for `handleContinue`
    /// @return the action
    static Action continueWith(Object continuation) {
        return new Continue(continuation);
    }

    /// The action [Action#NONE].
    record None() implements Action {}

    /// The action of [Action#timeout(Duration, Object)] and [Action#hibernate(Duration, Object)].
    ///
    /// @param after how long to wait
    /// @param message the message for `handleInfo`
    /// @param hibernate whether the server hibernates while it waits
    record AfterTimeout(Duration after, Object message, boolean hibernate) implements Action {

        /// Checks that the duration is 0 or more.
        public AfterTimeout {
            if (after.isNegative()) {
                throw new IllegalArgumentException(
                        "expected a state timeout to be 0 or more, got: " + after);
            }
        }
    }

    /// The action of [Action#hibernate()].
    enum Hibernate implements Action {
        /// The only value.
        HIBERNATE
    }

    /// The action of [Action#continueWith].
    ///
    /// @param continuation the value for `handleContinue`
    record Continue(Object continuation) implements Action {}
}
