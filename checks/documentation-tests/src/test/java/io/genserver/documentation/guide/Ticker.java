package io.genserver.documentation.guide;

import static io.genserver.CastResult.noreply;

import io.genserver.*;
import java.util.ArrayList;
import java.util.List;

final class Ticker implements GenServer<Ok, List<ReplyTo<Integer>>, Ticker.Next, Ticker.Price> {

    record Next() implements Call<Integer> {} // waits for the next price

    record Price(int cents) {}

    @Override
    public Init<List<ReplyTo<Integer>>> init(Ok ok) {
        return Init.ok(new ArrayList<>());
    }

    @Override
    public CallResult<List<ReplyTo<Integer>>> handleCall(
            Next request, From from, List<ReplyTo<Integer>> waiting) {
        waiting.removeIf(caller -> !caller.isAwaited());
        waiting.add(from.replyTo(request));
        return noreply(waiting);
    }

    @Override
    public CastResult<List<ReplyTo<Integer>>> handleCast(
            Price price, List<ReplyTo<Integer>> waiting) {
        waiting.forEach(caller -> GenServer.reply(caller, price.cents()));
        waiting.clear();
        return noreply(waiting);
    }
}
