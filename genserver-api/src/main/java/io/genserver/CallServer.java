package io.genserver;

import io.genserver.spi.ProcessRuntime;
import java.util.function.Supplier;

/// A [GenServer] that takes calls and no casts, and whose constructor takes what it needs instead
/// of [GenServer#init].
///
/// ```java
/// final class Limiter implements CallServer<Integer, Limiter.TryAcquire> {
///     record TryAcquire() implements Call<Boolean> {}
///
///     private final int limit;
///
///     Limiter(int limit) { this.limit = limit; }
///
///     @Override public Init<Integer> init() { return Init.ok(0); }
///
///     @Override public CallResult<Integer> handleCall(TryAcquire request, From from, Integer used) {
///         return used < limit ? reply(request, true, used + 1) : reply(request, false, used);
///     }
/// }
///
/// Server<Limiter> limiter = CallServer.startLink(() -> new Limiter(10)).server();
/// ```
///
/// A server that takes no calls either, only other messages, is a `CallServer<S, Void>`.
///
/// Everything else is as for any [GenServer]: other messages arrive in [GenServer#handleInfo], and
/// each start and restart makes a fresh instance.
///
/// @param <S> the state
/// @param <C> the requests: usually a sealed type of [Call]s
public interface CallServer<S, C> extends GenServer<Ok, S, C, Void> {

    /// Makes the first state, as [GenServer#init] does.
    ///
    /// @return how the server starts
    /// @throws Exception if the server cannot start; the start then returns [Start.Failed] with it
    Init<S> init() throws Exception;

    @Override
    default Init<S> init(Ok ok) throws Exception {
        return init();
    }

    /// Starts a server, links it to the calling process, and waits until its `init` has returned,
    /// as [GenServer#startLink] does.
    ///
    /// @param server makes the server; runs in the new process
    /// @param options name, init timeout and others; see [StartOption]
    /// @param <G> the class of the server
    /// @return how the start went
    /// @throws ExitException as [GenServer#startLink] does
    /// @throws IllegalArgumentException if the options contradict each other
    static <G extends CallServer<?, ?>> Start<G> startLink(
            Supplier<? extends G> server, StartOption... options) {
        return ProcessRuntime.get().start(server, Ok.OK, true, options);
    }

    /// Starts a server without a link and waits until its `init` has returned, as [GenServer#start]
    /// does.
    ///
    /// @param server makes the server; runs in the new process
    /// @param options name, init timeout and others; see [StartOption]
    /// @param <G> the class of the server
    /// @return how the start went
    /// @throws ExitException as [GenServer#start] does
    /// @throws IllegalArgumentException if the options contradict each other
    static <G extends CallServer<?, ?>> Start<G> start(
            Supplier<? extends G> server, StartOption... options) {
        return ProcessRuntime.get().start(server, Ok.OK, false, options);
    }
}
