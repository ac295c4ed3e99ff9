package io.genserver;

/// How [GenServer#handleCast], [GenServer#handleInfo] and [GenServer#handleContinue] end. A call
/// may end so too: then its caller waits until someone replies, or until the server dies.
///
/// @param <S> the state
public sealed interface CastResult<S> extends CallResult<S> {

    /// Goes on with a new state. Source: `{:noreply, state}`.
    ///
    /// @param state the new state
    /// @param <S> the state's type
    /// @return the result
    static <S> CastResult<S> noreply(S state) {
        return new NoReply<>(state, Action.NONE);
    }

    /// Goes on with a new state, and does something else before the next message. Source:
    /// `{:noreply, state, action}`.
    ///
    /// @param state the new state
    /// @param action what to do next
    /// @param <S> the state's type
    /// @return the result
    static <S> CastResult<S> noreply(S state, Action action) {
        return new NoReply<>(state, action);
    }

    /// Stops the server: terminate runs, then the process exits with the reason. A caller that is
    /// owed a reply exits with it too. Source: `{:stop, reason, state}`.
    ///
    /// @param reason why the server stops
    /// @param state the last state
    /// @param <S> the state's type
    /// @return the result
    static <S> CastResult<S> stop(ExitReason reason, S state) {
        return new Stop<>(reason, state);
    }

    /// See [CastResult#noreply(Object, Action)].
    ///
    /// @param state the new state
    /// @param action what to do next
    /// @param <S> the state's type
    record NoReply<S>(S state, Action action) implements CastResult<S> {}

    /// See [CastResult#stop(ExitReason, Object)].
    ///
    /// @param reason why the server stops
    /// @param state the last state
    /// @param <S> the state's type
    record Stop<S>(ExitReason reason, S state) implements CastResult<S> {}
}
