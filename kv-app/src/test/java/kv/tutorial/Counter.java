package kv.tutorial;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.util.List;

public final class Counter implements GenServer<Integer, Integer, Counter.Value, Counter.Add> {

    record Value() implements Call<Integer> {} // the request names the type of its reply

    record Add(int amount) {}

    @Override
    public Init<Integer> init(Integer first) {
        return Init.ok(first);
    }

    @Override
    public CallResult<Integer> handleCall(Value request, From from, Integer count) {
        return reply(request, count, count);
    }

    @Override
    public CastResult<Integer> handleCast(Add request, Integer count) {
        return noreply(count + request.amount());
    }

    public static void main(String[] arguments) {
        Server<Counter> counter = Server.named("counter", Counter.class);
        ChildSpec<Counter> child =
                ChildSpec.worker(
                        Counter.class,
                        () -> GenServer.startLink(Counter::new, 40, StartOption.name(counter)));
        Server<Supervisor> supervisor =
                Supervisor.startLink(List.of(child), SupervisorFlags.of(Strategy.ONE_FOR_ONE))
                        .server();

        GenServer.cast(counter, new Add(2));
        int count = GenServer.call(counter, new Value());

        Supervisor.stop(supervisor);
        if (count != 42) {
            throw new AssertionError("expected 42, got: " + count);
        }
    }
}
