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
/// var shopping = Agent.startLink(HashMap<String, Integer>::new).server();
/// Agent.run(shopping, map -> map.put("milk", 1));
/// Agent.get(shopping, map -> map.get("milk"));   // 1
/// Agent.stop(shopping);
/// ```
///
/// To give agents a name of their own, write a class that implements this interface, as `use Agent`
/// does in Elixir. It is only a type: nobody makes an instance. References and reports then show
/// it.
///
/// ```java
/// final class Basket implements Agent<Map<String, Integer>> {
///     static Start<Basket> startLink() { return Agent.startLink(Basket.class, HashMap::new); }
///
///     static int count(Server<Basket> basket, String item) {
///         return Agent.get(basket, items -> items.getOrDefault(item, 0));
///     }
/// }
/// ```
///
/// Every function runs in the process of the agent, one at a time. A slow function makes all other
/// callers wait, so do long work on a copy, in the caller. If a function throws, the agent stops
/// and the caller gets the reason.
///
/// An untyped [ServerRef] does not know the type of the state. Write the type of a lambda's
/// parameter then. If it is wrong, the agent stops with a [ClassCastException].
///
/// Do not use an agent if it has to monitor other processes or receive messages: write a
/// [GenServer].
///
/// Source: Elixir's `Agent`.
///
/// @param <S> the type of the state
@SuppressWarnings("unused") // the compiler uses S at each function; this type does not
public interface Agent<S> {

    /// A value for the caller and the next state, for [#getAndUpdate].
    ///
    /// @param value the value for the caller
    /// @param state the next state
    /// @param <R> the type of the value
    /// @param <S> the type of the state
    record Update<R extends @Nullable Object, S>(R value, S state) {}

    /// Starts an agent that is linked to the calling process, as [GenServer#startLink] does.
    /// Source: `Agent.start_link/2`.
    ///
    /// @param initial makes the first state; runs in the agent
    /// @param options name, init timeout and others; see [StartOption]
    /// @param <S> the type of the state
    /// @return how the start went
    static <S> Start<Agent<S>> startLink(Supplier<? extends S> initial, StartOption... options) {
        return AgentServer.typed(GenServer.startLink(AgentServer<S>::new, initial, options));
    }

    /// Starts an agent of a class, linked to the calling process. Source: `Agent.start_link/2` in a
    /// module with `use Agent`.
    ///
    /// @param type the class, which reports show
    /// @param initial makes the first state; runs in the agent
    /// @param options name, init timeout and others; see [StartOption]
    /// @param <S> the type of the state
    /// @param <G> the class
    /// @return how the start went
    static <S, G extends Agent<S>> Start<G> startLink(
            Class<G> type, Supplier<? extends S> initial, StartOption... options) {
        return AgentServer.typed(
                GenServer.startLink(() -> new AgentServer<S>(type), initial, options));
    }

    /// Starts an agent without a link, as [GenServer#start] does. Source: `Agent.start/2`.
    ///
    /// @param initial makes the first state; runs in the agent
    /// @param options name, init timeout and others; see [StartOption]
    /// @param <S> the type of the state
    /// @return how the start went
    static <S> Start<Agent<S>> start(Supplier<? extends S> initial, StartOption... options) {
        return AgentServer.typed(GenServer.start(AgentServer<S>::new, initial, options));
    }

    /// Starts an agent of a class without a link. Source: `Agent.start/2` in a module with `use
    /// Agent`.
    ///
    /// @param type the class, which reports show
    /// @param initial makes the first state; runs in the agent
    /// @param options name, init timeout and others; see [StartOption]
    /// @param <S> the type of the state
    /// @param <G> the class
    /// @return how the start went
    static <S, G extends Agent<S>> Start<G> start(
            Class<G> type, Supplier<? extends S> initial, StartOption... options) {
        return AgentServer.typed(GenServer.start(() -> new AgentServer<S>(type), initial, options));
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
    static <S, R extends @Nullable Object> R get(
            ServerRef agent, Function<? super S, ? extends R> function) {
        return get(agent, function, GenServer.DEFAULT_TIMEOUT);
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
    static <S, R extends @Nullable Object> R get(
            Server<? extends Agent<S>> agent, Function<? super S, ? extends R> function) {
        return get(agent.untyped(), function);
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
    static <S, R extends @Nullable Object> R get(
            ServerRef agent, Function<? super S, ? extends R> function, Duration timeout) {
        return GenServer.call(agent, new AgentServer.Get<S, R>(function), timeout);
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
    static <S, R extends @Nullable Object> R get(
            Server<? extends Agent<S>> agent,
            Function<? super S, ? extends R> function,
            Duration timeout) {
        return get(agent.untyped(), function, timeout);
    }

    /// Replaces the state and waits up to 5 s until that is done. Source: `Agent.update/3`.
    ///
    /// @param agent the agent
    /// @param function makes the next state from the current one; runs in the agent
    /// @param <S> the type of the state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    static <S> void update(ServerRef agent, UnaryOperator<S> function) {
        update(agent, function, GenServer.DEFAULT_TIMEOUT);
    }

    /// Replaces the state and waits up to 5 s until that is done. Source: `Agent.update/3`.
    ///
    /// @param agent the agent
    /// @param function makes the next state from the current one; runs in the agent
    /// @param <S> the type of the state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    static <S> void update(Server<? extends Agent<S>> agent, UnaryOperator<S> function) {
        update(agent.untyped(), function);
    }

    /// Replaces the state and waits until that is done. Source: `Agent.update/3`.
    ///
    /// @param agent the agent
    /// @param function makes the next state from the current one; runs in the agent
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @param <S> the type of the state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    static <S> void update(ServerRef agent, UnaryOperator<S> function, Duration timeout) {
        GenServer.call(agent, new AgentServer.Replace<>(function), timeout);
    }

    /// Replaces the state and waits until that is done. Source: `Agent.update/3`.
    ///
    /// @param agent the agent
    /// @param function makes the next state from the current one; runs in the agent
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @param <S> the type of the state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    static <S> void update(
            Server<? extends Agent<S>> agent, UnaryOperator<S> function, Duration timeout) {
        update(agent.untyped(), function, timeout);
    }

    /// Changes a mutable state in place and waits up to 5 s until that is done. It is short for an
    /// [#update(ServerRef, UnaryOperator)] whose function returns the state it was given.
    ///
    /// @param agent the agent
    /// @param change changes the state; runs in the agent
    /// @param <S> the type of the state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    static <S> void run(ServerRef agent, Consumer<? super S> change) {
        run(agent, change, GenServer.DEFAULT_TIMEOUT);
    }

    /// Changes a mutable state in place and waits up to 5 s until that is done. It is short for an
    /// [#update(ServerRef, UnaryOperator)] whose function returns the state it was given.
    ///
    /// @param agent the agent
    /// @param change changes the state; runs in the agent
    /// @param <S> the type of the state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    static <S> void run(Server<? extends Agent<S>> agent, Consumer<? super S> change) {
        run(agent.untyped(), change);
    }

    /// Changes a mutable state in place and waits until that is done.
    ///
    /// @param agent the agent
    /// @param change changes the state; runs in the agent
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @param <S> the type of the state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    static <S> void run(ServerRef agent, Consumer<? super S> change, Duration timeout) {
        GenServer.call(agent, new AgentServer.Run<>(change), timeout);
    }

    /// Changes a mutable state in place and waits until that is done.
    ///
    /// @param agent the agent
    /// @param change changes the state; runs in the agent
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @param <S> the type of the state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    static <S> void run(
            Server<? extends Agent<S>> agent, Consumer<? super S> change, Duration timeout) {
        run(agent.untyped(), change, timeout);
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
    static <S, R extends @Nullable Object> R getAndUpdate(
            ServerRef agent, Function<? super S, Update<R, S>> function) {
        return getAndUpdate(agent, function, GenServer.DEFAULT_TIMEOUT);
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
    static <S, R extends @Nullable Object> R getAndUpdate(
            Server<? extends Agent<S>> agent, Function<? super S, Update<R, S>> function) {
        return getAndUpdate(agent.untyped(), function);
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
    static <S, R extends @Nullable Object> R getAndUpdate(
            ServerRef agent, Function<? super S, Update<R, S>> function, Duration timeout) {
        return GenServer.call(agent, new AgentServer.GetAndUpdate<>(function), timeout);
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
    static <S, R extends @Nullable Object> R getAndUpdate(
            Server<? extends Agent<S>> agent,
            Function<? super S, Update<R, S>> function,
            Duration timeout) {
        return getAndUpdate(agent.untyped(), function, timeout);
    }

    /// Replaces the state later and returns without waiting, as [GenServer#cast] does. Source:
    /// `Agent.cast/2`.
    ///
    /// @param agent the agent; a cast to an agent that does not exist is lost
    /// @param function makes the next state from the current one; runs in the agent
    /// @param <S> the type of the state
    static <S> void cast(ServerRef agent, UnaryOperator<S> function) {
        GenServer.cast(agent, function);
    }

    /// Replaces the state later and returns without waiting, as [GenServer#cast] does. Source:
    /// `Agent.cast/2`.
    ///
    /// @param agent the agent; a cast to an agent that does not exist is lost
    /// @param function makes the next state from the current one; runs in the agent
    /// @param <S> the type of the state
    static <S> void cast(Server<? extends Agent<S>> agent, UnaryOperator<S> function) {
        cast(agent.untyped(), function);
    }

    /// Stops an agent with the reason `normal` and waits, without limit, until it has ended.
    /// Source: `Agent.stop/3`.
    ///
    /// @param agent the agent
    /// @throws CallException as [GenServer#stop(ProcessRef, ExitReason, Duration)] does
    static void stop(ProcessRef agent) {
        GenServer.stop(agent);
    }

    /// Stops an agent and waits, without limit, until it has ended. Source: `Agent.stop/3`.
    ///
    /// @param agent the agent
    /// @param reason the exit reason
    /// @throws CallException as [GenServer#stop(ProcessRef, ExitReason, Duration)] does
    static void stop(ProcessRef agent, ExitReason reason) {
        GenServer.stop(agent, reason);
    }

    /// Stops an agent and waits until it has ended. Source: `Agent.stop/3`.
    ///
    /// @param agent the agent
    /// @param reason the exit reason
    /// @param timeout how long to wait, 0 or more; [GenServer#INFINITY] for no limit
    /// @throws CallException as [GenServer#stop(ProcessRef, ExitReason, Duration)] does
    static void stop(ProcessRef agent, ExitReason reason, Duration timeout) {
        GenServer.stop(agent, reason, timeout);
    }

    /// Converts the state of a suspended agent, as a change of code does, and waits up to 5 s until
    /// that is done. Source: `:sys.change_code/4` of an agent, with a function.
    ///
    /// @param agent the agent, see [Sys#suspend(ProcessRef)]
    /// @param oldVersion the version that made the state
    /// @param function makes the converted state from the old one; runs in the agent
    /// @param <S> the type of the state
    /// @throws IllegalStateException if the agent is not suspended
    /// @throws Sys.CallbackFailedException if the function throws or returns null; the agent keeps
    ///   the old state
    /// @throws CallException as [GenServer#call(ServerRef, Call, Duration)] does
    static <S> void changeCode(ProcessRef agent, Object oldVersion, UnaryOperator<S> function) {
        Sys.changeCode(agent, AgentServer<S>::new, oldVersion, function);
    }
}
