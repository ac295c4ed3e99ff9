package io.genserver;

import org.jspecify.annotations.Nullable;

/// A message that reached no one. See [DeadLetters].
///
/// @param reason why
/// @param to whom it was for: a pid or a name; null for a late reply to a thread that is no process
/// @param message the message, the request of a cast, or the reply; null only for a reply that is
///   null
public record DeadLetter(Reason reason, @Nullable ServerRef to, @Nullable Object message) {

    /// Why a message reaches no one.
    public enum Reason {
        /// It was sent or cast to a pid whose process has ended, or a timer was for one.
        DEAD_PROCESS,
        /// It was cast to a name, or a timer was for a name, that no process has.
        UNKNOWN_NAME,
        /// It was in the mailbox of a process when that ended.
        LEFT_IN_MAILBOX,
        /// It was a reply to a caller that has given up, or that has its reply already.
        LATE_REPLY,
        /// It was sent through an alias that has ended.
        INACTIVE_ALIAS
    }
}
