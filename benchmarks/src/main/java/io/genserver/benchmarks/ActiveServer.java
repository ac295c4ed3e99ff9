package io.genserver.benchmarks;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;

/// A server that counts, and tells what it is started with of each cast it has handled.
final class ActiveServer
        implements GenServer<
                Active.Handled, ActiveServer.Count, ActiveServer.Request, ActiveServer.Add> {

    static final class Count {
        private final Active.Handled handled;
        private long value;

        Count(Active.Handled handled) {
            this.handled = handled;
        }
    }

    sealed interface Request extends Call<Long> {}

    record Increment() implements Request {}

    record Value() implements Request {}

    record Add() {}

    private static final Increment INCREMENT = new Increment();
    private static final Value VALUE = new Value();
    private static final Add ADD = new Add();

    static long increment(Pid server) {
        return GenServer.call(server, INCREMENT);
    }

    static long value(Pid server) {
        return GenServer.call(server, VALUE);
    }

    static void add(Pid server) {
        GenServer.cast(server, ADD);
    }

    @Override
    public Init<Count> init(Active.Handled handled) {
        return Init.ok(new Count(handled));
    }

    @Override
    public CallResult<Count> handleCall(Request request, From from, Count count) {
        return switch (request) {
            case Increment increment -> reply(increment, ++count.value, count);
            case Value value -> reply(value, count.value, count);
        };
    }

    @Override
    public CastResult<Count> handleCast(Add add, Count count) {
        count.value++;
        count.handled.add();
        return noreply(count);
    }
}
