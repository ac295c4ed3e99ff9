package io.genserver;

import org.jspecify.annotations.Nullable;

/// How [GenServer#handleCall] ends: with one of the two results here, or with any [CastResult].
///
/// Import the factories statically. A callback then reads as it does in Elixir:
///
/// ```java
/// return switch (request) {
///     case Pop pop -> reply(pop, Optional.ofNullable(stack.poll()), stack);
///     case Close close -> stop(ExitReason.NORMAL, close, Ok.OK, stack);
/// };
/// ```
///
/// Each `reply` names the request that it answers. It has to be the request that `handleCall` was
/// given, so that the reply has the type which the caller expects. The runtime checks this when the
/// callback returns; a reply to another request crashes the server.
///
/// @param <S> the state
public sealed interface CallResult<S> permits CastResult, CallResult.Reply, CallResult.StopReply {

    /// Answers the caller. Source: `{:reply, reply, state}`.
    ///
    /// @param request the request, which fixes the type of the reply
    /// @param reply the value for the caller
    /// @param state the new state
    /// @param <R> the type of the reply
    /// @param <S> the type of the state
    /// @return the result
    static <R extends @Nullable Object, S> CallResult<S> reply(Call<R> request, R reply, S state) {
        return new Reply<>(request, reply, state, Action.NONE);
    }

    /// Answers the caller, then acts before the next message. Source: `{:reply, reply, state,
    /// action}`.
    ///
    /// @param request the request, which fixes the type of the reply
    /// @param reply the value for the caller
    /// @param state the new state
    /// @param action what to do after the reply
    /// @param <R> the type of the reply
    /// @param <S> the type of the state
    /// @return the result
    static <R extends @Nullable Object, S> CallResult<S> reply(
            Call<R> request, R reply, S state, Action action) {
        return new Reply<>(request, reply, state, action);
    }

    /// Answers a request that does not name the type of its reply.
    ///
    /// @param reply the value for the caller
    /// @param state the new state
    /// @param <S> the type of the state
    /// @return the result
    static <S> CallResult<S> replyUntyped(@Nullable Object reply, S state) {
        return new Reply<>(null, reply, state, Action.NONE);
    }

    /// Answers a request that does not name the type of its reply, then acts before the next
    /// message.
    ///
    /// @param reply the value for the caller
    /// @param state the new state
    /// @param action what to do after the reply
    /// @param <S> the type of the state
    /// @return the result
    static <S> CallResult<S> replyUntyped(@Nullable Object reply, S state, Action action) {
        return new Reply<>(null, reply, state, action);
    }

    /// Stops the server and answers the caller. [GenServer#terminate] runs first, then the reply is
    /// sent, then the process exits. Source: `{:stop, reason, reply, state}`.
    ///
    /// @param reason why the server stops
    /// @param request the request, which fixes the type of the reply
    /// @param reply the value for the caller
    /// @param state the last state
    /// @param <R> the type of the reply
    /// @param <S> the type of the state
    /// @return the result
    static <R extends @Nullable Object, S> CallResult<S> stop(
            ExitReason reason, Call<R> request, R reply, S state) {
        return new StopReply<>(reason, request, reply, state);
    }

    /// Stops the server and answers a request that does not name the type of its reply.
    ///
    /// @param reason why the server stops
    /// @param reply the value for the caller
    /// @param state the last state
    /// @param <S> the type of the state
    /// @return the result
    static <S> CallResult<S> stopUntyped(ExitReason reason, @Nullable Object reply, S state) {
        return new StopReply<>(reason, null, reply, state);
    }

    /// The result of [CallResult#reply(Call, Object, Object, Action)].
    ///
    /// @param request the request that is answered; null if it does not name the type of its reply
    /// @param reply the value for the caller
    /// @param state the new state
    /// @param action what to do after the reply
    /// @param <S> the type of the state
    record Reply<S>(@Nullable Call<?> request, @Nullable Object reply, S state, Action action)
            implements CallResult<S> {}

    /// The result of [CallResult#stop(ExitReason, Call, Object, Object)].
    ///
    /// @param reason why the server stops
    /// @param request the request that is answered; null if it does not name the type of its reply
    /// @param reply the value for the caller
    /// @param state the last state
    /// @param <S> the type of the state
    record StopReply<S>(
            ExitReason reason, @Nullable Call<?> request, @Nullable Object reply, S state)
            implements CallResult<S> {}
}
