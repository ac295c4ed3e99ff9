package io.genserver;

import org.jspecify.annotations.Nullable;

/// The outcome of a request that was sent with [GenServer#sendRequest]; see [RequestId].
///
/// @param <R> the type of the reply
public sealed interface Response<R extends @Nullable Object> {

    /// Returns the reply.
    ///
    /// @return the reply
    /// @throws ExitException if there is none: with the reason of a [Failed], or with `timeout`
    R reply();

    /// The server has replied.
    ///
    /// @param reply the reply
    /// @param <R> the type of the reply
    record Reply<R extends @Nullable Object>(R reply) implements Response<R> {}

    /// There is no such server, or it ended before it replied.
    ///
    /// @param reason [ExitReason#NOPROC], [ExitReason#MAILBOX_FULL], [ExitReason.NodeDown], or why
    ///   the server ended
    /// @param server the server, as the request named it
    /// @param <R> the type of the reply that did not come
    record Failed<R extends @Nullable Object>(ExitReason reason, ServerRef server)
            implements Response<R> {
        @Override
        public R reply() {
            throw new ExitException(reason);
        }
    }

    /// No response came in time.
    ///
    /// @param <R> the type of the reply that did not come
    record TimedOut<R extends @Nullable Object>() implements Response<R> {
        @Override
        public R reply() {
            throw new ExitException(ExitReason.TIMEOUT);
        }
    }
}
