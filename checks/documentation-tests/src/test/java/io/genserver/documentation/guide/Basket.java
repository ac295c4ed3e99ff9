package io.genserver.documentation.guide;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static io.genserver.CastResult.stop;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

final class Basket implements GenServer<Duration, Basket.State, Basket.Add, Object> {

    record Add(String item) implements Call<Integer> {}

    record State(List<String> items, Duration idle) {}

    static ChildSpec<Basket> childSpec(String user, Duration idle) {
        StartOption init = StartOption.initTimeout(Duration.ofSeconds(2));
        return ChildSpec.worker(user, () -> GenServer.startLink(Basket::new, idle, init))
                .withRestart(Restart.TRANSIENT)
                .withShutdown(Shutdown.within(Duration.ofSeconds(10)));
    }

    static int add(Server<Basket> basket, String item) {
        return GenServer.call(basket, new Add(item), Duration.ofSeconds(1));
    }

    @Override
    public Init<State> init(Duration idle) {
        return Init.ok(new State(new ArrayList<>(), idle), Action.timeout(idle));
    }

    @Override
    public CallResult<State> handleCall(Add request, From from, State state) {
        state.items().add(request.item());
        return reply(request, state.items().size(), state, Action.timeout(state.idle()));
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) throws Exception {
        if (message == StateTimeout.TIMEOUT) {
            return stop(ExitReason.NORMAL, state);
        }
        GenServer.super.handleInfo(message, state); // logs it
        return noreply(state, Action.timeout(state.idle()));
    }
}
