package io.genserver.runtime;

import io.genserver.Exit;
import org.jspecify.annotations.Nullable;

/// A message of the runtime's own. A `receive` passes over it, except for a [UserMessage].
sealed interface Envelope
        permits ReplySlot,
                Envelope.Cast,
                Envelope.UserMessage,
                Envelope.ExitSignal,
                Envelope.StateTimeoutFired {

    /// A user's message that cannot be in a mailbox as it is. Either it is one of the runtime's
    /// own, such as a `From` that is passed on, or the sender's context travels with it.
    non-sealed class UserMessage implements Envelope {
        final Object message;
        final @Nullable Object context;

        /// Whether a bounded mailbox does not count it.
        final boolean isReply;

        UserMessage(Object message, @Nullable Object context) {
            this(message, context, false);
        }

        private UserMessage(Object message, @Nullable Object context, boolean isReply) {
            this.message = message;
            this.context = context;
            this.isReply = isReply;
        }

        /// Marks a message that came through an alias.
        static UserMessage reply(Object message) {
            return message instanceof UserMessage mine
                    ? new UserMessage(mine.message, mine.context, true)
                    : new UserMessage(message, null, true);
        }

        /// Called once when the message has been taken out of the mailbox, by the receiver's owner
        /// before the message is handled, or by a thread that empties the mailbox of a dead
        /// process.
        void taken() {}
    }

    /// A cast.
    non-sealed class Cast implements Envelope {
        final Object request;
        final @Nullable ProcessPid sender; // null: a thread that is no process
        final @Nullable Object context;

        Cast(Object request, @Nullable ProcessPid sender, @Nullable Object context) {
            this.request = request;
            this.sender = sender;
            this.context = context;
        }
    }

    /// A cast whose time in the mailbox is measured.
    final class TimedCast extends Cast {
        private final long sentAt; // units: ns of the node's clock

        TimedCast(
                Object request,
                @Nullable ProcessPid sender,
                @Nullable Object context,
                long sentAt) {
            super(request, sender, context);
            this.sentAt = sentAt;
        }
    }

    /// Returns when a message was sent, in ns of the node's clock; 0 if that is not known.
    static long sentAt(Object message) {
        return switch (message) {
            case TimedCast cast -> cast.sentAt;
            case ReplySlot.Request call -> call.waitingSince();
            default -> 0;
        };
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
        final @Nullable Object context; // of the turn that has asked for it

        StateTimeoutFired(LocalProcess server, @Nullable Object context) {
            this.server = server;
            this.context = context;
        }

        @Override
        String describe() {
            return "state timeout of " + server.describe();
        }

        @Override
        ProcessPid concerns() {
            return server.pid;
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
        Object carried = MessageContext.carried();
        return carried != null || message instanceof Envelope
                ? new UserMessage(message, carried)
                : message;
    }

    /// Returns the context that travels with a message, see [MessageContext]; null for none.
    static @Nullable Object context(Object message) {
        return switch (message) {
            case Cast cast -> cast.context;
            case ReplySlot slot -> slot.context;
            case UserMessage mine -> mine.context;
            case StateTimeoutFired timeout -> timeout.context;
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
