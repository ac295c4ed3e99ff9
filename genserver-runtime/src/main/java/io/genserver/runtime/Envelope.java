package io.genserver.runtime;

/// A message of the framework's own, which a `receive` passes over.
sealed interface Envelope permits ReplySlot, Envelope.Cast, Envelope.StateTimeoutFired {

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
