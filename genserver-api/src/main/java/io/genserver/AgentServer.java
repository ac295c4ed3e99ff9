package io.genserver;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static io.genserver.CastResult.stop;

import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The server behind [Agent]. It only runs the functions that it is given.
final class AgentServer<S>
        implements GenServer<Supplier<? extends S>, S, AgentServer.Request<S>, UnaryOperator<S>> {

    /// A call to an agent.
    @SuppressWarnings("unused") // S ties a request to the type of its agent's state
    sealed interface Request<S> {}

    record Get<S, R extends @Nullable Object>(Function<? super S, ? extends R> function)
            implements Request<S>, Call<R> {
        @Override
        public String toString() {
            return "Agent.get " + function.getClass().getName();
        }
    }

    record Replace<S>(UnaryOperator<S> function) implements Request<S>, Call<Ok> {
        @Override
        public String toString() {
            return "Agent.update " + function.getClass().getName();
        }
    }

    record Run<S>(Consumer<? super S> change) implements Request<S>, Call<Ok> {
        @Override
        public String toString() {
            return "Agent.run " + change.getClass().getName();
        }
    }

    record GetAndUpdate<S, R extends @Nullable Object>(
            Function<? super S, Agent.Update<R, S>> function) implements Request<S>, Call<R> {
        @Override
        public String toString() {
            return "Agent.getAndUpdate " + function.getClass().getName();
        }
    }

    /// The class that names the agent in reports.
    private final Class<?> type;

    AgentServer() {
        this(Agent.class);
    }

    AgentServer(Class<?> type) {
        this.type = type;
    }

    /// Gives the start of this server the type that users see.
    @SuppressWarnings("unchecked") // a Start holds nothing of its type
    static <G extends Agent<?>> Start<G> typed(Start<?> start) {
        return (Start<G>) start;
    }

    @Override
    public Class<?> callbackModule() {
        return type;
    }

    @Override
    public Init<S> init(Supplier<? extends S> initial) {
        return Init.ok(initial.get());
    }

    @Override
    public CallResult<S> handleCall(Request<S> request, From from, S state) {
        return switch (request) {
            case Get<S, ?> get -> answer(get, state);
            case Replace<S> replace -> replace(replace, state);
            case Run<S> run -> {
                run.change().accept(state);
                yield reply(run, Ok.OK, state);
            }
            case GetAndUpdate<S, ?> both -> getAndUpdate(both, state);
        };
    }

    @Override
    public CastResult<S> handleCast(UnaryOperator<S> function, S state) {
        S next = function.apply(state);
        return next == null ? stop(new ExitReason.BadReturnValue(null), state) : noreply(next);
    }

    @Override
    @SuppressWarnings("unchecked") // Agent.changeCode passes a function on the state's type
    public S codeChange(Object oldVersion, S state, Object extra) {
        return ((UnaryOperator<S>) extra).apply(state);
    }

    private <R extends @Nullable Object> CallResult<S> answer(Get<S, R> get, S state) {
        return reply(get, get.function().apply(state), state);
    }

    private CallResult<S> replace(Replace<S> replace, S state) {
        S next = replace.function().apply(state);
        return next == null
                ? stop(new ExitReason.BadReturnValue(null), state)
                : reply(replace, Ok.OK, next);
    }

    private <R extends @Nullable Object> CallResult<S> getAndUpdate(
            GetAndUpdate<S, R> both, S state) {
        Agent.Update<R, S> update = both.function().apply(state);
        return update == null || update.state() == null
                ? stop(new ExitReason.BadReturnValue(update), state)
                : reply(both, update.value(), update.state());
    }
}
