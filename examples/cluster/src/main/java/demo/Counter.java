package demo;

import static io.genserver.CallResult.reply;

import io.genserver.*;

/// Counts. Each node has one under the name `counter`, and a global name may belong to another one.
final class Counter implements CallServer<Long, Counter.Add> {

    static final String NAME = "counter";

    record Add(long amount) implements Call<Long> {}

    @Override
    public Init<Long> init() {
        return Init.ok(0L);
    }

    @Override
    public CallResult<Long> handleCall(Add request, From from, Long sum) {
        long next = sum + request.amount();
        return reply(request, next, next);
    }
}
