package io.genserver.benchmarks;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageConsumerOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The event bus of Vert.x within one JVM. Each consumer and each caller is a verticle.
final class VertxBus {

    private static final String INCREMENT = "increment";
    private static final String ADD = "add";
    private static final String VALUE = "value";

    private VertxBus() {}

    static @Nullable Work work(Operation operation) {
        return switch (operation) {
            case CALL_PROCESS -> calls(1, 1, 5_000);
            case CALL_THREAD -> VertxBus::callOutside;
            case CALL_8X1 -> calls(8, 1, 2_000);
            case CALL_8X8 -> calls(8, 8, 2_000);
            case CAST_1X1 -> casts(1);
            case CAST_4X1 -> casts(4);
            case IDLE_CPU -> _ -> idleCpu();
            default -> null;
        };
    }

    private static final class Count extends VerticleBase {
        private final String address;
        private long value;

        Count(String address) {
            this.address = address;
        }

        @Override
        public Future<?> start() {
            MessageConsumerOptions options =
                    new MessageConsumerOptions()
                            .setAddress(address)
                            .setLocalOnly(true)
                            .setMaxBufferedMessages(1_000_000); // drops the messages beyond
            return vertx.eventBus()
                    .<String>consumer(
                            options,
                            message -> {
                                switch (message.body()) {
                                    case INCREMENT -> message.reply(++value);
                                    case VALUE -> message.reply(value);
                                    default -> value++;
                                }
                            })
                    .completion();
        }
    }

    private static long ask(EventBus bus, String address, String what) {
        return bus.<Long>request(address, what)
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .body();
    }

    private static Map<String, Double> callOutside(Work.Timing timing) throws Exception {
        Vertx vertx = Vertx.vertx();
        deploy(vertx, new Count("counter"));
        EventBus bus = vertx.eventBus();
        return Work.each(
                1_000,
                timing,
                count -> {
                    long before = ask(bus, "counter", VALUE);
                    for (int i = 0; i < count; i++) {
                        ask(bus, "counter", INCREMENT);
                    }
                    Work.checkCount(before + count, ask(bus, "counter", VALUE));
                });
    }

    private static void deploy(Vertx vertx, VerticleBase verticle) {
        vertx.deployVerticle(verticle).toCompletionStage().toCompletableFuture().join();
    }

    /// Makes calls one after the other, or casts.
    private static final class Caller extends VerticleBase {
        private final String address;

        Caller(String address) {
            this.address = address;
        }

        Future<Void> call(int count) {
            Promise<Void> done = Promise.promise();
            context.runOnContext(_ -> next(count, done));
            return done.future();
        }

        private void next(int left, Promise<Void> done) {
            if (left == 0) {
                done.complete();
                return;
            }
            vertx.eventBus()
                    .<Long>request(address, INCREMENT)
                    .onComplete(_ -> next(left - 1, done), done::fail);
        }

        Future<Void> cast(int count) {
            Promise<Void> done = Promise.promise();
            context.runOnContext(_ -> {
                for (int i = 0; i < count; i++) {
                    vertx.eventBus().send(address, ADD);
                }
                done.complete();
            });
            return done.future();
        }
    }

    private static List<Caller> callers(Vertx vertx, int callers, int servers) {
        for (int i = 0; i < servers; i++) {
            deploy(vertx, new Count("counter" + i));
        }
        List<Caller> all = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            Caller caller = new Caller("counter" + i % servers);
            deploy(vertx, caller);
            all.add(caller);
        }
        return all;
    }

    private static void join(List<Future<Void>> futures) {
        Future.all(futures).toCompletionStage().toCompletableFuture().join();
    }

    private static Work calls(int callers, int servers, int each) {
        return timing -> {
            Vertx vertx = Vertx.vertx();
            List<Caller> all = callers(vertx, callers, servers);
            long[] done = new long[1];
            return Work.each(
                    callers * each,
                    timing,
                    count -> {
                        join(all.stream().map(caller -> caller.call(each)).toList());
                        done[0] += count;
                        long sum = 0;
                        for (int i = 0; i < servers; i++) {
                            sum += ask(vertx.eventBus(), "counter" + i, VALUE);
                        }
                        Work.checkCount(done[0], sum);
                    });
        };
    }

    private static Work casts(int senders) {
        return timing -> {
            Vertx vertx = Vertx.vertx();
            List<Caller> all = callers(vertx, senders, 1);
            long[] done = new long[1];
            return Work.each(
                    20_000,
                    timing,
                    count -> {
                        join(all.stream().map(caller -> caller.cast(count / senders)).toList());
                        done[0] += count;
                        Work.checkCount(done[0], ask(vertx.eventBus(), "counter0", VALUE));
                    });
        };
    }

    private static Map<String, Double> idleCpu() throws Exception {
        Vertx vertx = Vertx.vertx();
        EventBus bus = vertx.eventBus();
        for (int i = 0; i < IdleCpu.SERVERS; i++) {
            deploy(vertx, new Count("counter" + i));
        }
        return IdleCpu.measure(i -> ask(bus, "counter" + i, INCREMENT));
    }
}
