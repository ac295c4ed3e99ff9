package io.genserver.documentation.guide;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.*;
import io.genserver.supervisor.*;

final class Watcher implements GenServer<String, Integer, Watcher.Last, Object> {

    static final ProcessRegistry<String, Void> SHARES = ProcessRegistry.duplicate("shares");

    record Price(String share, int cents) {}

    record Last() implements Call<Integer> {}

    static void publish(Price price) {
        SHARES.broadcast(price.share(), price);
    }

    @Override
    public Init<Integer> init(String share) {
        SHARES.register(share);
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
