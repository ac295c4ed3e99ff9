package io.genserver.documentation.guide;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.*;
import io.genserver.supervisor.*;

final class Watcher implements GenServer<String, Integer, Watcher.Last, Object> {

    static final ProcessRegistry<String, Ok> SHARES = ProcessRegistry.duplicate("shares");

    record Price(String share, int cents) {}

    record Last() implements Call<Integer> {}

    static void publish(Price price) {
        SHARES.dispatch(
                price.share(),
                watchers -> watchers.forEach(each -> Processes.send(each.pid(), price)));
    }

    @Override
    public Init<Integer> init(String share) {
        SHARES.register(share, Ok.OK);
        return Init.ok(0);
    }

    @Override
    public CallResult<Integer> handleCall(Last request, From from, Integer last) {
        return reply(request, last, last);
    }

    @Override
    public CastResult<Integer> handleInfo(Object message, Integer last) throws Exception {
        return message instanceof Price price
                ? noreply(price.cents())
                : GenServer.super.handleInfo(message, last);
    }
}
