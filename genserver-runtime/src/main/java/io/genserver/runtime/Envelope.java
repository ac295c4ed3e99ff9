package io.genserver.runtime;

/// A message of the framework's own, which a `receive` passes over.
sealed interface Envelope
        permits ReplySlot, Envelope.Cast, Envelope.UserMessage, Envelope.StateTimeoutFired {

    /// A user's message that happens to be one of ours: a From handed on, for someone else to
    /// answer.
    record UserMessage(Object message) implements Envelope {}

    /// A user's message as it goes into a mailbox.
    static Object of(Object message) {
        return message instanceof Envelope ? new UserMessage(message) : message;
    }

    /// A cast.
    record Cast(Object request) implements Envelope {}

    /// A state timeout that has passed; its identity tells whether it is the one in force.
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
}
