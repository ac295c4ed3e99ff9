package io.genserver.documentation.guide;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.stop;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

final class Basket implements CallServer<List<String>, Basket.Add> {

    record Add(String item) implements Call<Integer> {}

    static ChildSpec<Basket> childSpec(String user, Duration idle) {
        StartOption initTimeout = StartOption.initTimeout(Duration.ofSeconds(2));
        StartOption idleTimeout = StartOption.idleTimeout(idle);
        return ChildSpec.worker(
                        user, () -> CallServer.startLink(Basket::new, initTimeout, idleTimeout))
                .withRestart(Restart.TRANSIENT)
                .withShutdown(Shutdown.within(Duration.ofSeconds(10)));
    }

    static int add(Server<Basket> basket, String item) {
        return GenServer.call(basket, new Add(item), Duration.ofSeconds(1));
    }

    @Override
    public Init<List<String>> init() {
        return Init.ok(new ArrayList<>());
    }

    @Override
    public CallResult<List<String>> handleCall(Add request, From from, List<String> items) {
        items.add(request.item());
        return reply(request, items.size(), items);
    }

    @Override
    public CastResult<List<String>> handleInfo(Object message, List<String> items)
            throws Exception {
        return message == StateTimeout.TIMEOUT
                ? stop(ExitReason.NORMAL, items)
                : CallServer.super.handleInfo(message, items); // logs it
    }
}
