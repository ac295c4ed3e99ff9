package io.genserver.benchmarks;

import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The timers of Vert.x.
final class VertxTimers {

    private VertxTimers() {}

    static @Nullable Work work(Operation operation) {
        return switch (operation) {
            case TIMER ->
                    timing -> {
                        Vertx vertx = Vertx.vertx();
                        return inside(vertx, () -> Timers.both(timing, alarms(vertx)));
                    };
            case TIMERS_MILLION ->
                    timing -> {
                        Vertx vertx = Vertx.vertx();
                        return inside(vertx, () -> Timers.million(timing, alarms(vertx)));
                    };
            case TIMER_ACCURACY ->
                    timing -> {
                        Vertx vertx = Vertx.vertx();
                        return Timers.accuracy(
                                timing,
                                (millis, fired) -> vertx.setTimer(millis, _ -> fired.run()));
                    };
            default -> null;
        };
    }

    /// Runs a body on an event loop.
    private static Map<String, Double> inside(Vertx vertx, Callable<Map<String, Double>> body)
            throws Exception {
        CompletableFuture<Map<String, Double>> result = new CompletableFuture<>();
        vertx.runOnContext(_ -> {
            try {
                result.complete(body.call());
            } catch (Throwable failed) { // errors too: the waiting thread must learn of them
                result.completeExceptionally(failed);
            }
        });
        return result.get();
    }

    private static Timers.Alarms<Long> alarms(Vertx vertx) {
        return new Timers.Alarms<>() {
            @Override
            public Long arm(int seconds) {
                return vertx.setTimer(seconds * 1_000L, _ -> {});
            }

            @Override
            public boolean cancel(Long timer) {
                return vertx.cancelTimer(timer);
            }
        };
    }
}
