package io.genserver.documentation.guide;

import static io.genserver.CallResult.reply;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

final class Stock
        implements GenServer<Map<String, Integer>, Map<String, Integer>, Stock.Count, Object> {

    record Count(String item) implements Call<Integer> {}

    static CompletableFuture<String> offer(
            Server<Stock> stock, String item, Callable<Integer> price) {
        var count = GenServer.callAsync(stock, new Count(item), Duration.ofSeconds(2));
        var cents = Task.async(price).toFuture();
        return count.thenCombine(cents, (pieces, each) -> pieces + " for " + each + " ct each");
    }

    static CompletableFuture<String> obituary(Server<Stock> stock) {
        return Processes.exitOf(stock).thenApply(reason -> "the stock ended: " + reason);
    }

    @Override
    public Init<Map<String, Integer>> init(Map<String, Integer> items) {
        return Init.ok(Map.copyOf(items));
    }

    @Override
    public CallResult<Map<String, Integer>> handleCall(
            Count request, From from, Map<String, Integer> items) {
        return reply(request, items.getOrDefault(request.item(), 0), items);
    }
}
