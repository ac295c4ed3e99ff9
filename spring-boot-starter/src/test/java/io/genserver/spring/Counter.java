package io.genserver.spring;

import static io.genserver.CallResult.reply;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CallServer;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Server;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import java.time.Duration;

/// A server for tests. It counts, waits and crashes.
final class Counter implements CallServer<Integer, Counter.Request> {

    sealed interface Request {}

    record Next() implements Request, Call<Integer> {}

    record Wait(Duration time) implements Request, Call<String> {}

    record Crash() implements Request, Call<String> {}

    static int next(Server<Counter> counter) {
        return GenServer.call(counter, new Next());
    }

    static ChildSpec<Counter> spec(Object id, StartOption... options) {
        return ChildSpec.worker(id, () -> CallServer.startLink(Counter::new, options));
    }

    @Override
    public Init<Integer> init() throws Exception {
        return Init.ok(0);
    }

    @Override
    public CallResult<Integer> handleCall(Request request, From from, Integer count)
            throws Exception {
        return switch (request) {
            case Next next -> reply(next, count + 1, count + 1);
            case Wait wait -> {
                Thread.sleep(wait.time());
                yield reply(wait, "waited", count);
            }
            case Crash _ -> throw new IllegalStateException("crashed on request");
        };
    }
}
