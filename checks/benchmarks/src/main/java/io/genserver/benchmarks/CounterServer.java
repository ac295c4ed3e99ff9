package io.genserver.benchmarks;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import java.util.Objects;

/// A server that counts.
final class CounterServer
        implements GenServer<
                Ok, CounterServer.Count, CounterServer.Request, CounterServer.Command> {

    static final class Count {
        private long value;
    }

    sealed interface Request extends Call<Long> {}

    record Increment() implements Request {}

    record Value() implements Request {}

    sealed interface Command {}

    record Add() implements Command {}

    record Crash() implements Command {}

    private static final Increment INCREMENT = new Increment();
    private static final Value VALUE = new Value();
    private static final Add ADD = new Add();

    static Pid begin(StartOption... options) {
        return GenServer.start(CounterServer::new, Ok.OK, options).pid();
    }

    static long increment(ServerRef server) {
        return GenServer.call(server, INCREMENT);
    }

    static long value(ServerRef server) {
        return GenServer.call(server, VALUE);
    }

    static void add(ServerRef server) {
        GenServer.cast(server, ADD);
    }

    static void crash(ServerRef server) {
        GenServer.cast(server, new Crash());
    }

    /// A server as a [Counter].
    record Client(Pid server) implements Counter {
        @Override
        public long increment() {
            return CounterServer.increment(server);
        }

        @Override
        public void add() {
            CounterServer.add(server);
        }

        @Override
        public long value() {
            return GenServer.call(server, VALUE, GenServer.INFINITY);
        }
    }

    @Override
    public Init<Count> init(Ok ok) {
        return Init.ok(new Count());
    }

    @Override
    public CallResult<Count> handleCall(Request request, From from, Count count) {
        return switch (request) {
            case Increment increment -> reply(increment, ++count.value, count);
            case Value value -> reply(value, count.value, count);
        };
    }

    @Override
    public CastResult<Count> handleCast(Command command, Count count) {
        switch (command) {
            case Add _ -> count.value++;
            case Crash _ -> throw new IllegalStateException(Objects.toString(command));
        }
        return noreply(count);
    }
}
