package io.genserver;

import org.jspecify.annotations.Nullable;

/// Something that happened in a server, for [Sys#trace], [Sys#log(ProcessRef)] and [Sys#install].
/// Source: `sys:system_event()`.
public sealed interface SystemEvent {

    /// A call arrived. Source: `{in, {'$gen_call', From, Request}}`.
    ///
    /// @param from the caller that waits for the reply
    /// @param request the request
    record InCall(From from, Object request) implements SystemEvent {
        @Override
        public String toString() {
            return "got call " + request + " from " + from;
        }
    }

    /// A cast arrived. Source: `{in, {'$gen_cast', Request}}`.
    ///
    /// @param request the request
    record InCast(Object request) implements SystemEvent {
        @Override
        public String toString() {
            return "got cast " + request;
        }
    }

    /// Any other message arrived, or a state timeout passed. Source: `{in, Message}`.
    ///
    /// @param message the message
    record In(Object message) implements SystemEvent {
        @Override
        public String toString() {
            return "got " + message;
        }
    }

    /// A reply was sent. Source: `{out, Reply, To, State}`.
    ///
    /// @param reply the reply
    /// @param to the caller that waited for it
    /// @param state the new state
    record Out(@Nullable Object reply, From to, Object state) implements SystemEvent {
        @Override
        public String toString() {
            return "sent " + reply + " to " + to + ", new state " + state;
        }
    }

    /// A callback returned without a reply. Source: `{noreply, State}`.
    ///
    /// @param state the new state
    record NoReply(Object state) implements SystemEvent {
        @Override
        public String toString() {
            return "new state " + state;
        }
    }

    /// A continuation is about to run. Source: `{continue, Continuation}`.
    ///
    /// @param continuation the value given to the action
    record Continue(Object continuation) implements SystemEvent {
        @Override
        public String toString() {
            return "continues with " + continuation;
        }
    }
}
