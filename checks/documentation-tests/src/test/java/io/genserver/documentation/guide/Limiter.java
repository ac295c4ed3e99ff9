package io.genserver.documentation.guide;

import static io.genserver.CallResult.reply;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.time.Duration;

final class Limiter implements GenServer<Ok, Limiter.Minute, Limiter.TryAcquire, Object> {

    static final KeyedSupervisor<String, Limiter> CUSTOMERS =
            KeyedSupervisor.of("limiters", (String _) -> new Limiter(), StartOption.nonBlocking())
                    .withIdleTimeout(Duration.ofMinutes(10));

    record TryAcquire() implements Call<Boolean> {}

    record Minute(long start, int requests) {}

    static boolean tryAcquire(String customer) {
        return GenServer.call(CUSTOMERS.server(customer), new TryAcquire());
    }

    @Override
    public Init<Minute> init(Ok ok) {
        return Init.ok(new Minute(Processes.monotonicTime(), 0));
    }

    @Override
    public CallResult<Minute> handleCall(TryAcquire request, From from, Minute minute) {
        long now = Processes.monotonicTime();
        boolean isOver = now - minute.start() >= Duration.ofMinutes(1).toNanos();
        Minute current = isOver ? new Minute(now, 0) : minute;
        return current.requests() < 100
                ? reply(request, true, new Minute(current.start(), current.requests() + 1))
                : reply(request, false, current);
    }
}
