package io.genserver;

import java.time.Duration;

/// What happens to a call, a cast or a message that is sent to a server whose mailbox is full. See
/// [StartOption#mailbox].
///
/// | | a call | a cast or a message | a timer's message |
/// |---|---|---|---|
/// | [#fail] | fails at once | throws at once | is a dead letter |
/// | [#dropNewest] | fails at once | is a dead letter | is a dead letter |
/// | [#dropOldest] | takes the place of the oldest | takes the place of the oldest | takes the place of the oldest |
/// | [#block] | waits, then fails | waits, then throws | is a dead letter |
///
/// - A call fails with a [CallException] whose [CallException#serverReason] is
///   [ExitReason#MAILBOX_FULL]. The response to a sent request and the result of a multi-call say
///   the same.
/// - A cast or a message throws an [ExitException] with the reason [ExitReason#MAILBOX_FULL]. A
///   process that does not catch it exits.
/// - A dead letter has the reason [DeadLetter.Reason#MAILBOX_FULL] or
///   [DeadLetter.Reason#DROPPED_OLDEST].
///
/// OTP has no counterpart: its mailboxes have no limit.
public sealed interface WhenFull {

    /// Refuses what does not fit, and tells the sender: calls fail, casts and messages throw.
    ///
    /// Use it if the sender can do something about it.
    ///
    /// @return the policy
    static WhenFull fail() {
        return new Fail();
    }

    /// Refuses what does not fit: calls fail, casts and messages become dead letters and their
    /// senders learn nothing.
    ///
    /// Use it for casts that may be lost, such as samples and log entries.
    ///
    /// @return the policy
    static WhenFull dropNewest() {
        return new DropNewest();
    }

    /// Makes room: the oldest call fails, or the oldest cast or message becomes a dead letter.
    ///
    /// Use it if a newer message makes an older one worthless, and for calls whose callers do not
    /// wait long. The sender's thread drops the oldest message, also while the server is busy.
    ///
    /// @return the policy
    static WhenFull dropOldest() {
        return new DropOldest();
    }

    /// Makes the sender wait for room. If there is none in time, calls fail, and casts and messages
    /// throw.
    ///
    /// A call waits no longer than its own timeout, which includes the wait for room. A sent
    /// request waits as a cast does, and a multi-call waits for one server after the other. A
    /// process that waits holds up no other process and can be killed. If the server dies, the wait
    /// ends: calls fail with the exit reason, casts and messages become dead letters. A process
    /// that would wait for itself is refused at once: a server that sends to itself, or to a server
    /// that waits for it.
    ///
    /// Use it to slow down senders that produce faster than the server handles.
    ///
    /// @param limit how long a sender waits at most, 0 or more
    /// @return the policy
    /// @throws IllegalArgumentException if the limit is negative
    static WhenFull block(Duration limit) {
        return new Block(limit);
    }

    /// The policy of [WhenFull#fail].
    record Fail() implements WhenFull {}

    /// The policy of [WhenFull#dropNewest].
    record DropNewest() implements WhenFull {}

    /// The policy of [WhenFull#dropOldest].
    record DropOldest() implements WhenFull {}

    /// The policy of [WhenFull#block].
    ///
    /// @param limit how long a sender waits at most
    record Block(Duration limit) implements WhenFull {

        /// Checks that the limit is 0 or more.
        public Block {
            if (limit.isNegative()) {
                throw new IllegalArgumentException(
                        "expected the time limit of a full mailbox to be 0 or more, got: " + limit);
            }
        }
    }
}
