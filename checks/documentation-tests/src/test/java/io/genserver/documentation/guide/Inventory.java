package io.genserver.documentation.guide;

import static io.genserver.CallResult.reply;

import io.genserver.*;
import java.util.HashMap;
import java.util.Map;

final class Inventory
        implements GenServer<
                Map<String, Integer>, Map<String, Integer>, Inventory.Request, Object> {

    sealed interface Request {}

    record Count(String item) implements Request, Call<Integer> {}

    record Reserve(String item) implements Request, Call<Boolean> {}

    static boolean reserve(Server<Inventory> inventory, String item) {
        return GenServer.call(inventory, new Reserve(item));
    }

    @Override
    public Init<Map<String, Integer>> init(Map<String, Integer> items) {
        return Init.ok(new HashMap<>(items));
    }

    @Override
    public CallResult<Map<String, Integer>> handleCall(
            Request request, From from, Map<String, Integer> items) {
        return switch (request) {
            case Count count -> reply(count, items.getOrDefault(count.item(), 0), items);
            case Reserve reserve -> {
                int left = items.getOrDefault(reserve.item(), 0);
                items.put(reserve.item(), Math.max(0, left - 1));
                yield reply(reserve, left > 0, items);
            }
        };
    }
}
