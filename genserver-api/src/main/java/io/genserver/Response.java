package io.genserver;

import org.jspecify.annotations.Nullable;

/// What became of a request, see [RequestId].
///
/// @param <R> the type of the reply
public sealed interface Response<R extends @Nullable Object> {

    /// The reply that must have come.
    ///
    /// @return the reply
    /// @throws ExitException if the server ended first, with its reason, or nothing came in time
    R reply();

    /// The server has replied.
    ///
    /// @param reply the reply
    /// @param <R> its type
    record Reply<R extends @Nullable Object>(R reply) implements Response<R> {}

    /// There is no such server, or it ended before it replied.
    ///
    /// @param reason [ExitReason#NOPROC], or why the server ended
    /// @param server the server, as the request named it
    /// @param <R> the type of the reply that did not come
    record Failed<R extends @Nullable Object>(ExitReason reason, ServerRef server)
            implements Response<R> {
        @Override
        public R reply() {
            throw new ExitException(reason);
        }
    }

    /// Nothing came in time.
    ///
    /// @param <R> the type of the reply that did not come
    record TimedOut<R extends @Nullable Object>() implements Response<R> {
        @Override
        public R reply() {
            throw new ExitException(ExitReason.TIMEOUT);
        }
    }
}
