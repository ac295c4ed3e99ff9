package io.genserver.benchmarks;

import static io.genserver.CallResult.reply;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import org.slf4j.MDC;

/// A server that counts the requests whose log context has the entry.
final class ContextServer implements GenServer<Ok, Long, ContextServer.Request, Object> {

    static final String KEY = "request";
    static final String VALUE = "42";

    sealed interface Request extends Call<Long> {}

    record Increment() implements Request {}

    record Seen() implements Request {}

    @Override
    public Init<Long> init(Ok ok) {
        return Init.ok(0L);
    }

    @Override
    public CallResult<Long> handleCall(Request request, From from, Long seen) {
        return switch (request) {
            case Increment increment -> {
                long now = seen + (VALUE.equals(MDC.get(KEY)) ? 1 : 0);
                yield reply(increment, now, now);
            }
            case Seen asked -> reply(asked, seen, seen);
        };
    }
}
