package io.genserver.runtime;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A message of the runtime's own, which a `receive` passes over.
sealed interface Envelope
        permits ReplySlot, Envelope.Cast, Envelope.UserMessage, Envelope.StateTimeoutFired {

    /// A user's message that cannot lie in a mailbox as it is: either it is one of the runtime's
    /// own, such as a `From` that is handed on, or the sender's log context travels with it.
    final class UserMessage implements Envelope {
        final Object message;
        final @Nullable Map<String, String> logContext;

        UserMessage(Object message, @Nullable Map<String, String> logContext) {
            this.message = message;
            this.logContext = logContext;
        }
    }

    /// A cast.
    final class Cast implements Envelope {
        final Object request;
        final @Nullable LocalPid sender; // null: a thread that is no process
        final @Nullable Map<String, String> logContext;

        Cast(Object request, @Nullable LocalPid sender, @Nullable Map<String, String> logContext) {
            this.request = request;
            this.sender = sender;
            this.logContext = logContext;
        }
    }

    /// A state timeout that has passed. Its identity tells whether it is the one in force.
    final class StateTimeoutFired extends TimerWheel.Entry implements Envelope {

        private final LocalProcess server;

        StateTimeoutFired(LocalProcess server) {
            this.server = server;
        }

        @Override
        void fire() {
            server.deliver(this);
        }
    }

    /// A user's message as it lies in a mailbox.
    static Object of(Object message) {
        Map<String, String> carried = LogContext.carried();
        return carried != null || message instanceof Envelope
                ? new UserMessage(message, carried)
                : message;
    }

    /// The log context that travels with a message, or null.
    static @Nullable Map<String, String> logContext(Object message) {
        return switch (message) {
            case UserMessage mine -> mine.logContext;
            case Cast cast -> cast.logContext;
            case ReplySlot slot -> slot.logContext;
            default -> null;
        };
    }

    /// A message as it is shown to people: of a call or a cast the request.
    ///
    /// @return null if it is not shown
    static @Nullable Object content(Object message) {
        return switch (message) {
            case UserMessage mine -> mine.message;
            case Cast cast -> cast.request;
            case ReplySlot.Request call -> call.request;
            case Envelope _ -> null;
            default -> message;
        };
    }
}
