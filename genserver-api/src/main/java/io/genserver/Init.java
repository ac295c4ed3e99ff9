package io.genserver;

/// How [GenServer#init] ends.
///
/// | result | `start` answers | the process |
/// |---|---|---|
/// | [Ok] | [Start.Ok] | serves |
/// | [Ignore] | [Start.Ignore] | ends `normal` |
/// | [Stop] | [Start.Failed] with the reason | ends with the reason |
/// | [Fail] | [Start.Failed] with the reason | ends `normal`, silently |
/// | a throw | [Start.Failed] with the throwable | ends with it |
/// | `null` | [Start.Failed], bad return value | ends with that |
///
/// @param <S> the state
public sealed interface Init<S> {

    /// Starts serving. Source: `{:ok, state}`.
    ///
    /// @param state the first state
    /// @param <S> the state's type
    /// @return the result
    static <S> Init<S> ok(S state) {
        return new Ok<>(state, Action.NONE);
    }

    /// Starts serving, and does something else first. Source: `{:ok, state, action}`.
    ///
    /// @param state the first state
    /// @param action what to do after init; the starter is told `ok` before a continue runs
    /// @param <S> the state's type
    /// @return the result
    static <S> Init<S> ok(S state, Action action) {
        return new Ok<>(state, action);
    }

    /// Ends without failing: a supervisor goes on with its next child. Source: `:ignore`.
    ///
    /// @param <S> the state's type
    /// @return the result
    static <S> Init<S> ignore() {
        return new Ignore<>();
    }

    /// Fails with a reason, which also reaches the linked starter. Source: `{:stop, reason}`.
    ///
    /// @param reason why
    /// @param <S> the state's type
    /// @return the result
    static <S> Init<S> stop(ExitReason reason) {
        return new Stop<>(reason);
    }

    /// Fails quietly: the starter gets the reason, the process ends `normal` and nothing is logged.
    /// Source: `{:error, reason}` of OTP 26 and later.
    ///
    /// @param reason why
    /// @param <S> the state's type
    /// @return the result
    static <S> Init<S> error(ExitReason reason) {
        return new Fail<>(reason);
    }

    /// See [Init#ok(Object, Action)].
    ///
    /// @param state the first state
    /// @param action what to do after init
    /// @param <S> the state's type
    record Ok<S>(S state, Action action) implements Init<S> {}

    /// See [Init#ignore].
    ///
    /// @param <S> the state's type
    record Ignore<S>() implements Init<S> {}

    /// See [Init#stop].
    ///
    /// @param reason why
    /// @param <S> the state's type
    record Stop<S>(ExitReason reason) implements Init<S> {}

    /// See [Init#error].
    ///
    /// @param reason why
    /// @param <S> the state's type
    record Fail<S>(ExitReason reason) implements Init<S> {}
}
