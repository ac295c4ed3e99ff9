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

    private record Token(int left) implements Command {}

    /// Adds up the messages of all servers on its way round the ring.
    private record Sum(int servers, long handled) implements Command {}

    private record Handled(long messages) {}

    private static final Object END = new Object();

    private final Pid starter;
    private @Nullable Pid next;
    private long handled;

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
            case Token(int left) -> {
                handled++;
                if (left > 1) {
                    pass(new Token(left - 1));
                } else {
                    Processes.send(starter, END);
                }
            }
            case Sum(int servers, long before) when servers == 1 ->
                    Processes.send(starter, new Handled(before + handled));
            case Sum(int servers, long before) -> pass(new Sum(servers - 1, before + handled));
        }
        return noreply(ok);
    }

    private void pass(Command command) {
        GenServer.cast(Objects.requireNonNull(next), command);
    }

    static Map<String, Double> ring(Work.Timing timing, StartOption... options) throws Exception {
        return measure(Operation.RING_SIZE, Operation.RING_HOPS, 1, timing, options);
    }

    /// Two servers that cast to each other are a ring of two. Measures two hops.
    static Map<String, Double> pingPong(Work.Timing timing, StartOption... options)
            throws Exception {
        return measure(2, 5_000, 2, timing, options);
    }

    /// @param count the number of operations in a batch
    /// @param hops the number of hops of an operation
    private static Map<String, Double> measure(
            int size, int count, int hops, Work.Timing timing, StartOption... options)
            throws Exception {
        Pid self = Processes.self();
        Pid first = GenServer.start(() -> new RingServer(self), Ok.OK, options).pid();
        Pid last = first;
        for (int i = 1; i < size; i++) {
            Pid one = GenServer.start(() -> new RingServer(self), Ok.OK, options).pid();
            GenServer.cast(one, new Next(last));
            last = one;
        }
        GenServer.cast(first, new Next(last));
        long[] passed = new long[1];
        Map<String, Double> measured =
                Work.each(
                        count,
                        timing,
                        operations -> {
                            GenServer.cast(first, new Token(operations * hops));
                            Object end = Processes.receive();
                            Work.check(end == END, "the end of the round", end);
                            passed[0] += (long) operations * hops;
                        });
        GenServer.cast(first, new Sum(size, 0));
        Work.checkCount(passed[0], Processes.receive(Handled.class).messages());
        return measured;
    }
}
