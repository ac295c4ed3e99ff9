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
/// Every function runs in the process of the agent, one at a time. A slow function makes all other
/// callers wait, so do long work on a copy, in the caller. If a function throws, the agent stops
/// and the caller gets the reason.
///
/// The static methods do not know the type of an agent's state. Write the type of a lambda's
/// parameter, as above. If it is wrong, the agent stops with a [ClassCastException]. To write the
/// type only once, wrap each agent in a class of its own, as kv-app's `Bucket` does.
///
/// Do not use an agent if it has to monitor other processes or receive messages: write a
/// [GenServer].
///
/// Source: Elixir's `Agent`.
public final class Agent {

    private Agent() {}

    /// A value for the caller and the next state, for [#getAndUpdate].
    ///
    /// @param value the value for the caller
    /// @param state the next state
    /// @param <R> the type of the value
    /// @param <S> the type of the state
    public record Update<R extends @Nullable Object, S>(R value, S state) {}

    /// Starts an agent that is linked to the calling process, as [GenServer#startLink] does.
    /// Source: `Agent.start_link/2`.
    ///
    /// @param initial makes the first state; runs in the agent
    /// @param options name, init timeout and others; see [StartOption]
    /// @param <S> the type of the state
    /// @return how the start went
    public static <S> Start startLink(Supplier<S> initial, StartOption... options) {
        return GenServer.startLink(AgentServer<S>::new, initial, options);
    }

    /// Starts an agent without a link, as [GenServer#start] does. Source: `Agent.start/2`.
    ///
    /// @param initial makes the first state; runs in the agent
    /// @param options name, init timeout and others; see [StartOption]
    /// @param <S> the type of the state
    /// @return how the start went
    public static <S> Start start(Supplier<S> initial, StartOption... options) {
        return GenServer.start(AgentServer<S>::new, initial, options);
    }

    /// Computes a value from the state and waits up to 5 s for it. Source: `Agent.get/3`.
    ///
    /// @param agent the agent
    /// @param function computes the value; runs in the agent; the value must not share mutable
    ///   objects with the state
    /// @param <S> the type of the state
    /// @param <R> the type of the value
    /// @return the value
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S, R extends @Nullable Object> R get(
            ServerRef agent, Function<? super S, ? extends R> function) {
        return get(agent, function, GenServer.DEFAULT_TIMEOUT);
    }

    /// Computes a value from the state and waits for it. Source: `Agent.get/3`.
    ///
    /// @param agent the agent
    /// @param function computes the value; runs in the agent; the value must not share mutable
    ///   objects with the state
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @param <S> the type of the state
    /// @param <R> the type of the value
    /// @return the value
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S, R extends @Nullable Object> R get(
            ServerRef agent, Function<? super S, ? extends R> function, Duration timeout) {
        return GenServer.call(agent, new AgentServer.Get<S, R>(function), timeout);
    }

    /// Replaces the state and waits up to 5 s until that is done. Source: `Agent.update/3`.
    ///
    /// @param agent the agent
    /// @param function makes the next state from the current one; runs in the agent
    /// @param <S> the type of the state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S> void update(ServerRef agent, UnaryOperator<S> function) {
        update(agent, function, GenServer.DEFAULT_TIMEOUT);
    }

    /// Replaces the state and waits until that is done. Source: `Agent.update/3`.
    ///
    /// @param agent the agent
    /// @param function makes the next state from the current one; runs in the agent
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @param <S> the type of the state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S> void update(ServerRef agent, UnaryOperator<S> function, Duration timeout) {
        GenServer.call(agent, new AgentServer.Replace<>(function), timeout);
    }

    /// Changes a mutable state in place and waits up to 5 s until that is done. It is short for an
    /// [#update(ServerRef, UnaryOperator)] whose function returns the state it was given.
    ///
    /// @param agent the agent
    /// @param change changes the state; runs in the agent
    /// @param <S> the type of the state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S> void run(ServerRef agent, Consumer<? super S> change) {
        run(agent, change, GenServer.DEFAULT_TIMEOUT);
    }

    /// Changes a mutable state in place and waits until that is done.
    ///
    /// @param agent the agent
    /// @param change changes the state; runs in the agent
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @param <S> the type of the state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S> void run(ServerRef agent, Consumer<? super S> change, Duration timeout) {
        GenServer.call(agent, new AgentServer.Run<>(change), timeout);
    }

    /// Computes a value and the next state in one step, and waits up to 5 s for the value. Source:
    /// `Agent.get_and_update/3`.
    ///
    /// @param agent the agent
    /// @param function makes the value and the next state from the current state; runs in the agent
    /// @param <S> the type of the state
    /// @param <R> the type of the value
    /// @return the value
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S, R extends @Nullable Object> R getAndUpdate(
            ServerRef agent, Function<? super S, Update<R, S>> function) {
        return getAndUpdate(agent, function, GenServer.DEFAULT_TIMEOUT);
    }

    /// Computes a value and the next state in one step, and waits for the value. Source:
    /// `Agent.get_and_update/3`.
    ///
    /// @param agent the agent
    /// @param function makes the value and the next state from the current state; runs in the agent
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @param <S> the type of the state
    /// @param <R> the type of the value
    /// @return the value
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S, R extends @Nullable Object> R getAndUpdate(
            ServerRef agent, Function<? super S, Update<R, S>> function, Duration timeout) {
        return GenServer.call(agent, new AgentServer.GetAndUpdate<>(function), timeout);
    }

    /// Replaces the state later and returns without waiting, as [GenServer#cast] does. Source:
    /// `Agent.cast/2`.
    ///
    /// @param agent the agent; a cast to an agent that does not exist is lost
    /// @param function makes the next state from the current one; runs in the agent
    /// @param <S> the type of the state
    public static <S> void cast(ServerRef agent, UnaryOperator<S> function) {
        GenServer.cast(agent, function);
    }

    /// Stops an agent with the reason `normal` and waits, without limit, until it has ended.
    /// Source: `Agent.stop/3`.
    ///
    /// @param agent the agent
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void stop(ServerRef agent) {
        GenServer.stop(agent);
    }

    /// Stops an agent and waits, without limit, until it has ended. Source: `Agent.stop/3`.
    ///
    /// @param agent the agent
    /// @param reason the exit reason
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void stop(ServerRef agent, ExitReason reason) {
        GenServer.stop(agent, reason);
    }

    /// Stops an agent and waits until it has ended. Source: `Agent.stop/3`.
    ///
    /// @param agent the agent
    /// @param reason the exit reason
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @throws CallException as [GenServer#stop(ServerRef, ExitReason, Duration)] does
    public static void stop(ServerRef agent, ExitReason reason, Duration timeout) {
        GenServer.stop(agent, reason, timeout);
    }

    /// Converts the state of a suspended agent, as a change of code does, and waits up to 5 s until
    /// that is done. Source: `:sys.change_code/4` of an agent, with a function.
    ///
    /// @param agent the agent, see [Sys#suspend(ServerRef)]
    /// @param oldVersion the version that made the state
    /// @param function makes the converted state from the old one; runs in the agent
    /// @param <S> the type of the state
    /// @throws IllegalStateException if the agent is not suspended
    /// @throws Sys.CallbackFailedException if the function throws or returns null; the agent keeps
    ///   the old state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    public static <S> void changeCode(
            ServerRef agent, Object oldVersion, UnaryOperator<S> function) {
        Sys.changeCode(agent, AgentServer<S>::new, oldVersion, function);
    }
}
