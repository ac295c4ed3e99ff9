package io.genserver;

import java.time.Duration;

/// What a server does after a callback besides waiting for the next message. Source: the last
/// element of a `gen_server` callback's result.
public sealed interface Action {

    /// Nothing more: wait for the next message.
    Action NONE = new None();

    /// Sends the server a [StateTimeout] if no message arrives in time. Any message cancels it, and
    /// it is not armed again unless a callback returns it again.
    ///
    /// @param after how long to wait, 0 or more; with 0 a message that is already queued comes
    ///   first
    /// @return the action
    /// @throws IllegalArgumentException if the duration is negative
    static Action timeout(Duration after) {
        return new AfterTimeout(after, StateTimeout.TIMEOUT, false);
    }

    /// Sends the server a message of your own if no other arrives in time. Unlike
    /// [#timeout(Duration)] it goes on through requests of [Sys], and with 0 it comes before
    /// whatever is queued. Source: `{timeout, time, message}` of OTP 29.
    ///
    /// @param after how long to wait, 0 or more
    /// @param message what [GenServer#handleInfo] gets
    /// @return the action
    /// @throws IllegalArgumentException if the duration is negative
    static Action timeout(Duration after, Object message) {
        return new AfterTimeout(after, message, false);
    }

    /// Gives the server's thread back until the next message; its state is all it keeps. Worth it
    /// for a server that expects to be idle for long.
    ///
    /// @return the action
    static Action hibernate() {
        return Hibernate.HIBERNATE;
    }

    /// Hibernates, and sends the server a message if no other arrives in time, as
    /// [#timeout(Duration, Object)] does. Source: `{hibernate, time, message}` of OTP 29.
    ///
    /// @param after how long to wait, 0 or more
    /// @param message what [GenServer#handleInfo] gets
    /// @return the action
    /// @throws IllegalArgumentException if the duration is negative
    static Action hibernate(Duration after, Object message) {
        return new AfterTimeout(after, message, true);
    }

    /// Runs [GenServer#handleContinue] next, before any queued message and after the reply has been
    /// sent.
    ///
    /// @param continuation what handleContinue gets
    /// @return the action
    static Action continueWith(Object continuation) {
        return new Continue(continuation);
    }

    /// See [Action#NONE].
    record None() implements Action {}

    /// See [Action#timeout(Duration, Object)] and [Action#hibernate(Duration, Object)].
    ///
    /// @param after how long to wait
    /// @param message what handleInfo gets
    /// @param hibernate whether to hibernate meanwhile
    record AfterTimeout(Duration after, Object message, boolean hibernate) implements Action {

        /// Checks the duration.
        public AfterTimeout {
            if (after.isNegative()) {
                throw new IllegalArgumentException(
                        "expected a state timeout of 0 or more, got: " + after);
            }
        }
    }

    /// See [Action#hibernate].
    enum Hibernate implements Action {
        /// The only value.
        HIBERNATE
    }

    /// See [Action#continueWith].
    ///
    /// @param continuation what handleContinue gets
    record Continue(Object continuation) implements Action {}
}
