package io.genserver.runtime;

import io.genserver.Exit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A message of the runtime's own. A `receive` passes over it, except for a [UserMessage].
sealed interface Envelope
        permits ReplySlot,
                Envelope.Cast,
                Envelope.UserMessage,
                Envelope.ExitSignal,
                Envelope.StateTimeoutFired {

    /// A user's message that cannot be in a mailbox as it is. Either it is one of the runtime's
    /// own, such as a `From` that is passed on, or the sender's log context travels with it.
    non-sealed class UserMessage implements Envelope {
        final Object message;
        final @Nullable Map<String, String> logContext;

        /// Whether a bounded mailbox does not count it.
        final boolean isReply;

        UserMessage(Object message, @Nullable Map<String, String> logContext) {
            this(message, logContext, false);
        }

        private UserMessage(
                Object message, @Nullable Map<String, String> logContext, boolean isReply) {
            this.message = message;
            this.logContext = logContext;
            this.isReply = isReply;
        }

        /// Marks a message that came through an alias.
        static UserMessage reply(Object message) {
            return message instanceof UserMessage mine
                    ? new UserMessage(mine.message, mine.logContext, true)
                    : new UserMessage(message, null, true);
        }

        /// Called once when the message has been taken out of the mailbox, by the receiver's owner
        /// before the message is handled, or by a thread that empties the mailbox of a dead
        /// process.
        void taken() {}
    }

    /// A cast.
    final class Cast implements Envelope {
        final Object request;
        final @Nullable ProcessPid sender; // null: a thread that is no process
        final @Nullable Map<String, String> logContext;

        Cast(
                Object request,
                @Nullable ProcessPid sender,
                @Nullable Map<String, String> logContext) {
            this.request = request;
            this.sender = sender;
            this.logContext = logContext;
        }
    }

    /// An exit signal that makes a server run `terminate`; see [LifeCycle#terminatesOn].
    final class ExitSignal implements Envelope {
        final Exit exit;

        ExitSignal(Exit exit) {
            this.exit = exit;
        }
    }

    /// A state timeout that has passed. Its identity shows whether it is the one in force.
    final class StateTimeoutFired extends TimerWheel.Entry implements Envelope {

        private final LocalProcess server;

        StateTimeoutFired(LocalProcess server) {
            this.server = server;
        }

        @Override
        String describe() {
            return "state timeout of " + server.describe();
        }

        @Override
        boolean firesAgain() {
            return true;
        }

        @Override
        void fire() {
            server.deliver(this);
        }
    }

    /// Returns a user's message as it is put into a mailbox.
    static Object of(Object message) {
        Map<String, String> carried = LogContext.carried();
        return carried != null || message instanceof Envelope
                ? new UserMessage(message, carried)
                : message;
    }

    /// Returns the log context that travels with a message, or null.
    static @Nullable Map<String, String> logContext(Object message) {
        return switch (message) {
            case Cast cast -> cast.logContext;
            case ReplySlot slot -> slot.logContext;
            case UserMessage mine -> mine.logContext;
            default -> null;
        };
    }

    /// Returns what a message is about: what a request of any kind asks for, or the content of
    /// another message.
    ///
    /// @return null if the message is not shown
    static @Nullable Object subject(Object message) {
        return message instanceof ReplySlot slot ? slot.request() : content(message);
    }

    /// Returns a message as it is shown to people. For a call or a cast that is the request.
    ///
    /// @return null if the message is not shown
    static @Nullable Object content(Object message) {
        return switch (message) {
            case UserMessage mine -> mine.message;
            case Cast cast -> cast.request;
            case ExitSignal signal -> signal.exit;
            case ReplySlot.Request call -> call.request;
            case Envelope _ -> null;
            default -> message;
        };
    }
}
