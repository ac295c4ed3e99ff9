package io.genserver.benchmarks;

import static io.genserver.CastResult.noreply;

import io.genserver.CastResult;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A server in a ring. It passes the token to the next server by a cast, or tells the starter when
/// the token has no hops left.
final class RingServer implements GenServer<Ok, Ok, Object, RingServer.Command> {

    sealed interface Command {}

    private record Next(Pid pid) implements Command {}

    private record Token(int left, int done) implements Command {}

    private record End(int hops) {}

    private final Pid starter;
    private @Nullable Pid next;

    private RingServer(Pid starter) {
        this.starter = starter;
    }

    @Override
    public Init<Ok> init(Ok ok) {
        return Init.ok(ok);
    }

    @Override
    public CastResult<Ok> handleCast(Command command, Ok ok) {
        switch (command) {
            case Next(Pid pid) -> next = pid;
            case Token(int left, int done) when left == 0 -> Processes.send(starter, new End(done));
            case Token(int left, int done) ->
                    GenServer.cast(Objects.requireNonNull(next), new Token(left - 1, done + 1));
        }
        return noreply(ok);
    }

    static Map<String, Double> measure(
            int size, int hops, Work.Timing timing, StartOption... options) throws Exception {
        Pid self = Processes.self();
        Pid first = GenServer.start(() -> new RingServer(self), Ok.OK, options).pid();
        Pid last = first;
        for (int i = 1; i < size; i++) {
            Pid one = GenServer.start(() -> new RingServer(self), Ok.OK, options).pid();
            GenServer.cast(one, new Next(last));
            last = one;
        }
        GenServer.cast(first, new Next(last));
        return Work.each(
                hops,
                timing,
                count -> {
                    GenServer.cast(first, new Token(count, 0));
                    Work.checkCount(count, Processes.receive(End.class).hops());
                });
    }
}
