package io.genserver.benchmarks;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;

/// A server that counts, with the requests of [CounterServer]. It reports each cast that it has
/// handled to the [Active.Handled] it was started with.
final class ActiveServer
        implements GenServer<
                Active.Handled, ActiveServer.Count, CounterServer.Request, CounterServer.Add> {

    static final class Count {
        private final Active.Handled handled;
        private long value;

        Count(Active.Handled handled) {
            this.handled = handled;
        }
    }

    @Override
    public Init<Count> init(Active.Handled handled) {
        return Init.ok(new Count(handled));
    }

    @Override
    public CallResult<Count> handleCall(CounterServer.Request request, From from, Count count) {
        return switch (request) {
            case CounterServer.Increment increment -> reply(increment, ++count.value, count);
            case CounterServer.Value value -> reply(value, count.value, count);
        };
    }

    @Override
    public CastResult<Count> handleCast(CounterServer.Add add, Count count) {
        count.value++;
        count.handled.add();
        return noreply(count);
    }
}
