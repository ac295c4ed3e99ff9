package io.genserver;

import org.jspecify.annotations.Nullable;

/// A message that no process received. See [DeadLetters].
///
/// @param reason why no process received it
/// @param to the receiver: a pid, a name or a via reference; null for a late reply to a thread that
///   is not a process
/// @param message the message, the request of a cast or of an abandoned call, or the reply; null
///   only for a reply that is null
public record DeadLetter(Reason reason, @Nullable ServerRef to, @Nullable Object message) {

    /// Why no process received a message.
    public enum Reason {
        /// It was sent or cast to a pid whose process has ended, or a timer was started for such a
        /// pid.
        DEAD_PROCESS,
        /// It was cast to a name, or a timer sent it to a name, that no process has.
        UNKNOWN_NAME,
        /// It was in the mailbox of a process that ended.
        LEFT_IN_MAILBOX,
        /// It was a reply to a caller that has given up or has its reply already.
        LATE_REPLY,
        /// It was sent through an alias that has ended.
        INACTIVE_ALIAS,
        /// It was sent, cast or timed to a server whose mailbox was full, see [WhenFull].
        MAILBOX_FULL,
        /// It was the oldest message in a full mailbox and was dropped, see [WhenFull#dropOldest].
        DROPPED_OLDEST,
        /// It was a call that the server skipped, because its caller had given up; see
        /// [StartOption#skipAbandonedCalls].
        ABANDONED_CALL
    }
}
