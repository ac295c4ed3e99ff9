package io.genserver;

import org.jspecify.annotations.Nullable;

/// How [GenServer#handleCall] ends: one of the two results here, or any [CastResult].
///
/// Import the factories statically, and a callback reads as it does in Elixir:
///
/// ```java
/// return switch (request) {
///     case Pop pop -> reply(pop, Optional.ofNullable(stack.poll()), stack);
///     case Close close -> stop(ExitReason.NORMAL, close, Ok.OK, stack);
/// };
/// ```
///
/// Each `reply` has to name the request it answers, the one handleCall was given; that is checked
/// when the callback returns, so an answer never has the type of another request.
///
/// @param <S> the state
public sealed interface CallResult<S> permits CastResult, CallResult.Reply, CallResult.StopReply {

    /// Answers the caller. Source: `{:reply, reply, state}`.
    ///
    /// @param request the request, which fixes the type of the reply
    /// @param reply what the caller gets
    /// @param state the new state
    /// @param <R> the reply's type
    /// @param <S> the state's type
    /// @return the result
    static <R extends @Nullable Object, S> CallResult<S> reply(Call<R> request, R reply, S state) {
        return new Reply<>(request, reply, state, Action.NONE);
    }

    /// Answers the caller, then does something else before the next message. Source: `{:reply,
    /// reply, state, action}`.
    ///
    /// @param request the request, which fixes the type of the reply
    /// @param reply what the caller gets
    /// @param state the new state
    /// @param action what to do after the reply
    /// @param <R> the reply's type
    /// @param <S> the state's type
    /// @return the result
    static <R extends @Nullable Object, S> CallResult<S> reply(
            Call<R> request, R reply, S state, Action action) {
        return new Reply<>(request, reply, state, action);
    }

    /// Answers a request that does not name its reply's type.
    ///
    /// @param reply what the caller gets
    /// @param state the new state
    /// @param <S> the state's type
    /// @return the result
    static <S> CallResult<S> replyUntyped(@Nullable Object reply, S state) {
        return new Reply<>(null, reply, state, Action.NONE);
    }

    /// Answers a request that does not name its reply's type, then does something else.
    ///
    /// @param reply what the caller gets
    /// @param state the new state
    /// @param action what to do after the reply
    /// @param <S> the state's type
    /// @return the result
    static <S> CallResult<S> replyUntyped(@Nullable Object reply, S state, Action action) {
        return new Reply<>(null, reply, state, action);
    }

    /// Stops the server and answers the caller: terminate runs first, then the reply goes out, then
    /// the process exits. Source: `{:stop, reason, reply, state}`.
    ///
    /// @param reason why the server stops
    /// @param request the request, which fixes the type of the reply
    /// @param reply what the caller gets
    /// @param state the last state
    /// @param <R> the reply's type
    /// @param <S> the state's type
    /// @return the result
    static <R extends @Nullable Object, S> CallResult<S> stop(
            ExitReason reason, Call<R> request, R reply, S state) {
        return new StopReply<>(reason, request, reply, state);
    }

    /// Stops the server and answers a request that does not name its reply's type.
    ///
    /// @param reason why the server stops
    /// @param reply what the caller gets
    /// @param state the last state
    /// @param <S> the state's type
    /// @return the result
    static <S> CallResult<S> stopUntyped(ExitReason reason, @Nullable Object reply, S state) {
        return new StopReply<>(reason, null, reply, state);
    }

    /// See [CallResult#reply(Call, Object, Object, Action)].
    ///
    /// @param request the request it answers; null if that does not name its reply's type
    /// @param reply what the caller gets
    /// @param state the new state
    /// @param action what to do after the reply
    /// @param <S> the state's type
    record Reply<S>(@Nullable Call<?> request, @Nullable Object reply, S state, Action action)
            implements CallResult<S> {}

    /// See [CallResult#stop(ExitReason, Call, Object, Object)].
    ///
    /// @param reason why the server stops
    /// @param request the request it answers; null if that does not name its reply's type
    /// @param reply what the caller gets
    /// @param state the last state
    /// @param <S> the state's type
    record StopReply<S>(
            ExitReason reason, @Nullable Call<?> request, @Nullable Object reply, S state)
            implements CallResult<S> {}
}
