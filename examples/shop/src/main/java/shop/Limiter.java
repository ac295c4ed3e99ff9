package shop;

import static io.genserver.CallResult.reply;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/// Limits how often a customer may order. Each customer has a limiter of their own, from the first
/// order until the limiter has nothing left to remember.
final class Limiter implements CallServer<Deque<Long>, Limiter.TryAcquire> {

    private static final int LIMIT = 5;
    private static final Duration WINDOW = Duration.ofMinutes(1);

    static final KeyedSupervisor<String, Limiter> CUSTOMERS =
            KeyedSupervisor.of(
                            "Shop.Limiters", (String _) -> new Limiter(), StartOption.nonBlocking())
                    .withIdleTimeout(WINDOW);

    record TryAcquire() implements Call<Boolean> {}

    @Override
    public Init<Deque<Long>> init() {
        return Init.ok(new ArrayDeque<>());
    }

    @Override
    public CallResult<Deque<Long>> handleCall(TryAcquire request, From from, Deque<Long> times) {
        long now = Processes.monotonicTime();
        times.removeIf(time -> now - time >= WINDOW.toNanos());
        boolean allowed = times.size() < LIMIT && times.add(now);
        return reply(request, allowed, times);
    }
}
