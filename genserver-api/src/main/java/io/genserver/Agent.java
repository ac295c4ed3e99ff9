package io.genserver;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A process that only keeps state.
///
/// ```java
/// Pid shopping = Agent.startLink(HashMap<String, Integer>::new).pid();
/// Agent.<Map<String, Integer>>run(shopping, map -> map.put("milk", 1));
/// Agent.get(shopping, (Map<String, Integer> map) -> map.get("milk"));   // 1
/// Agent.stop(shopping);
/// ```
///
/// Every function runs in the agent's process, one at a time, and a slow one holds up everybody
/// else: do long work on a copy, in the caller. A function that throws stops the agent, and its
/// caller gets the reason.
///
/// The static methods do not know an agent's type of state: write the type of a lambda's parameter,
/// as above, and an agent of another type fails with a ClassCastException. Wrap each agent in a
/// class of its own, as kv-app's Bucket does, and the type is written once.
///
/// An agent cannot watch other processes or take messages: for that, write a [GenServer].
///
/// Source: Elixir's `Agent`.
public final class Agent {

    private Agent() {}

    /// A value for the caller together with the next state, for [#getAndUpdate].
    ///
    /// @param value what the caller gets
    /// @param state the next state
    /// @param <R> the value's type
    /// @param <S> the state's type
    public record Update<R extends @Nullable Object, S>(R value, S state) {}

    /// Starts an agent linked to the calling process. Source: `Agent.start_link/2`.
    ///
    /// @param initial makes the first state, in the agent's process
    /// @param options name, init timeout, …
    /// @param <S> the state's type
    /// @return how it went
    public static <S> Start startLink(Supplier<S> initial, StartOption... options) {
        return GenServer.startLink(AgentServer<S>::new, initial, options);
    }

    /// Starts an agent without a link. Source: `Agent.start/2`.
    ///
    /// @param initial makes the first state, in the agent's process
    /// @param options name, init timeout, …
    /// @param <S> the state's type
    /// @return how it went
    public static <S> Start start(Supplier<S> initial, StartOption... options) {
        return GenServer.start(AgentServer<S>::new, initial, options);
    }

    /// Computes a value from the state, and waits up to 5 s for it. Source: `Agent.get/3`.
    ///
    /// @param agent the agent
    /// @param function runs in the agent; what it returns must not share mutable state with it
    /// @param <S> the state's type
    /// @param <R> the value's type
    /// @return the value
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S, R extends @Nullable Object> R get(
            ServerRef agent, Function<? super S, ? extends R> function) {
        return get(agent, function, GenServer.DEFAULT_TIMEOUT);
    }

    /// Computes a value from the state. Source: `Agent.get/3`.
    ///
    /// @param agent the agent
    /// @param function runs in the agent
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] to wait for ever
    /// @param <S> the state's type
    /// @param <R> the value's type
    /// @return the value
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S, R extends @Nullable Object> R get(
            ServerRef agent, Function<? super S, ? extends R> function, Duration timeout) {
        return GenServer.call(agent, new AgentServer.Get<S, R>(function), timeout);
    }

    /// Replaces the state, and waits up to 5 s until that is done. Source: `Agent.update/3`.
    ///
    /// @param agent the agent
    /// @param function from the state to the next state, in the agent
    /// @param <S> the state's type
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S> void update(ServerRef agent, UnaryOperator<S> function) {
        update(agent, function, GenServer.DEFAULT_TIMEOUT);
    }

    /// Replaces the state. Source: `Agent.update/3`.
    ///
    /// @param agent the agent
    /// @param function from the state to the next state, in the agent
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] to wait for ever
    /// @param <S> the state's type
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S> void update(ServerRef agent, UnaryOperator<S> function, Duration timeout) {
        GenServer.call(agent, new AgentServer.Replace<>(function), timeout);
    }

    /// Changes a mutable state in place, and waits up to 5 s until that is done. Short for an
    /// [#update] whose function returns the state it was given.
    ///
    /// @param agent the agent
    /// @param change runs in the agent
    /// @param <S> the state's type
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S> void run(ServerRef agent, Consumer<? super S> change) {
        run(agent, change, GenServer.DEFAULT_TIMEOUT);
    }

    /// Changes a mutable state in place.
    ///
    /// @param agent the agent
    /// @param change runs in the agent
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] to wait for ever
    /// @param <S> the state's type
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S> void run(ServerRef agent, Consumer<? super S> change, Duration timeout) {
        GenServer.call(agent, new AgentServer.Run<>(change), timeout);
    }

    /// Computes a value and the next state in one step, and waits up to 5 s for the value. Source:
    /// `Agent.get_and_update/3`.
    ///
    /// @param agent the agent
    /// @param function from the state to the value and the next state, in the agent
    /// @param <S> the state's type
    /// @param <R> the value's type
    /// @return the value
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S, R extends @Nullable Object> R getAndUpdate(
            ServerRef agent, Function<? super S, Update<R, S>> function) {
        return getAndUpdate(agent, function, GenServer.DEFAULT_TIMEOUT);
    }

    /// Computes a value and the next state in one step. Source: `Agent.get_and_update/3`.
    ///
    /// @param agent the agent
    /// @param function from the state to the value and the next state, in the agent
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] to wait for ever
    /// @param <S> the state's type
    /// @param <R> the value's type
    /// @return the value
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S, R extends @Nullable Object> R getAndUpdate(
            ServerRef agent, Function<? super S, Update<R, S>> function, Duration timeout) {
        return GenServer.call(agent, new AgentServer.GetAndUpdate<>(function), timeout);
    }

    /// Replaces the state some time later, and returns at once. Source: `Agent.cast/2`.
    ///
    /// @param agent the agent; a cast to one that does not exist is lost
    /// @param function from the state to the next state, in the agent
    /// @param <S> the state's type
    public static <S> void cast(ServerRef agent, UnaryOperator<S> function) {
        GenServer.cast(agent, function);
    }

    /// Stops an agent with the reason `normal` and waits until it has ended. Source:
    /// `Agent.stop/3`.
    ///
    /// @param agent the agent
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void stop(ServerRef agent) {
        GenServer.stop(agent);
    }

    /// Stops an agent and waits until it has ended. Source: `Agent.stop/3`.
    ///
    /// @param agent the agent
    /// @param reason the reason it is to exit with
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void stop(ServerRef agent, ExitReason reason) {
        GenServer.stop(agent, reason);
    }

    /// Stops an agent and waits until it has ended. Source: `Agent.stop/3`.
    ///
    /// @param agent the agent
    /// @param reason the reason it is to exit with
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] to wait for ever
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void stop(ServerRef agent, ExitReason reason, Duration timeout) {
        GenServer.stop(agent, reason, timeout);
    }

    /// Converts the state of a suspended agent, as a change of code does. Source:
    /// `:sys.change_code/4` of an agent, with a function.
    ///
    /// @param agent the agent, see [Sys#suspend(ServerRef)]
    /// @param oldVersion the version the state was made by
    /// @param function from the state to the converted one; runs in the agent
    /// @param <S> the state's type
    /// @throws IllegalStateException if the agent is not suspended
    /// @throws Sys.CallbackFailedException if the function throws or returns null; the state stays
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S> void changeCode(
            ServerRef agent, Object oldVersion, UnaryOperator<S> function) {
        Sys.changeCode(agent, AgentServer<S>::new, oldVersion, function);
    }
}
