package io.genserver;

/// How [GenServer#handleCast], [GenServer#handleInfo] and [GenServer#handleContinue] end.
/// [GenServer#handleCall] may also end like this: the caller then waits until some thread replies
/// or the server ends.
///
/// @param <S> the state
public sealed interface CastResult<S> extends CallResult<S> {

    /// Continues with a new state. Source: `{:noreply, state}`.
    ///
    /// @param state the new state
    /// @param <S> the type of the state
    /// @return the result
    static <S> CastResult<S> noreply(S state) {
        return new NoReply<>(state, Action.NONE);
    }

    /// Continues with a new state and acts before the next message. Source: `{:noreply, state,
    /// action}`.
    ///
    /// @param state the new state
    /// @param action what to do next
    /// @param <S> the type of the state
    /// @return the result
    static <S> CastResult<S> noreply(S state, Action action) {
        return new NoReply<>(state, action);
    }

    /// Stops the server: [GenServer#terminate] runs, then the process exits with the reason.
    /// Callers that still wait for a reply get the reason. Source: `{:stop, reason, state}`.
    ///
    /// @param reason why the server stops
    /// @param state the last state
    /// @param <S> the type of the state
    /// @return the result
    static <S> CastResult<S> stop(ExitReason reason, S state) {
        return new Stop<>(reason, state);
    }

    /// The result of [CastResult#noreply(Object, Action)].
    ///
    /// @param state the new state
    /// @param action what to do next
    /// @param <S> the type of the state
    record NoReply<S>(S state, Action action) implements CastResult<S> {}

    /// The result of [CastResult#stop(ExitReason, Object)].
    ///
    /// @param reason why the server stops
    /// @param state the last state
    /// @param <S> the type of the state
    record Stop<S>(ExitReason reason, S state) implements CastResult<S> {}
}
