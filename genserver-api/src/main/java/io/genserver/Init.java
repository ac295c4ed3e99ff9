package io.genserver;

/// How [GenServer#init] ends.
///
/// | result | the start returns | the process |
/// |---|---|---|
/// | [Ok] | [Start.Ok] | serves |
/// | [Ignore] | [Start.Ignore] | ends with `normal` |
/// | [Stop] | [Start.Failed] with the reason | ends with the reason |
/// | [Fail] | [Start.Failed] with the reason | ends with `normal` |
/// | it throws | [Start.Failed] with what it threw | ends with the same reason |
/// | `null` | [Start.Failed] with [ExitReason.BadReturnValue] | ends with the same reason |
///
/// Two starts fail without a result of `init`:
///
/// | event | the start returns | the process |
/// |---|---|---|
/// | the name is taken | [Start.Failed] with [ExitReason.AlreadyStarted] | never runs `init` |
/// | the init timeout passes | [Start.Failed] with `timeout` | is killed |
///
/// @param <S> the state
public sealed interface Init<S> {

    /// Starts to serve. Source: `{:ok, state}`.
    ///
    /// @param state the first state
    /// @param <S> the type of the state
    /// @return the result
    static <S> Init<S> ok(S state) {
        return new Ok<>(state, Action.NONE);
    }

    /// Starts to serve with an action. Source: `{:ok, state, action}`.
    ///
    /// @param state the first state
    /// @param action what to do after `init`; the starter gets [Start.Ok] before a continuation
    ///   runs
    /// @param <S> the type of the state
    /// @return the result
    static <S> Init<S> ok(S state, Action action) {
        return new Ok<>(state, action);
    }

    /// Ends without a failure; a supervisor then goes on to its next child. Source: `:ignore`.
    ///
    /// @param <S> the type of the state
    /// @return the result
    static <S> Init<S> ignore() {
        return new Ignore<>();
    }

    /// Fails with a reason. A linked starter that does not trap exits ends with the same reason,
    /// unless it is `normal`. Source: `{:stop, reason}`.
    ///
    /// @param reason why the server does not start
    /// @param <S> the type of the state
    /// @return the result
    static <S> Init<S> stop(ExitReason reason) {
        return new Stop<>(reason);
    }

    /// Fails with a reason that only the starter gets. The process ends with `normal`, so the link
    /// to the starter has no effect. Source: `{:error, reason}` of OTP 26 and later.
    ///
    /// @param reason why the server does not start
    /// @param <S> the type of the state
    /// @return the result
    static <S> Init<S> error(ExitReason reason) {
        return new Fail<>(reason);
    }

    /// The result of [Init#ok(Object, Action)].
    ///
    /// @param state the first state
    /// @param action what to do after `init`
    /// @param <S> the type of the state
    record Ok<S>(S state, Action action) implements Init<S> {}

    /// The result of [Init#ignore].
    ///
    /// @param <S> the type of the state
    record Ignore<S>() implements Init<S> {}

    /// The result of [Init#stop].
    ///
    /// @param reason why the server does not start
    /// @param <S> the type of the state
    record Stop<S>(ExitReason reason) implements Init<S> {}

    /// The result of [Init#error].
    ///
    /// @param reason why the server does not start
    /// @param <S> the type of the state
    record Fail<S>(ExitReason reason) implements Init<S> {}
}
