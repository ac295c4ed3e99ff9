package io.genserver.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// Benchmarks of the Savina suite on Pekko typed. One run includes starting and ending what takes
/// part, but not the actor system.
final class PekkoSavina {

    private record Ping(ActorRef<Object> from) {}

    private record Next(ActorRef<Object> next) {}

    private record Others(List<ActorRef<Object>> all) {}

    private record Token(int left) {}

    private enum Signal {
        ADD,
        PONG,
        END
    }

    private PekkoSavina() {}

    static @Nullable Work work(Operation operation) {
        return switch (operation) {
            case SAVINA_PING_PONG -> runs(PekkoSavina::pingPong);
            case SAVINA_COUNTING ->
                    runs((context, done) -> throughput(context, done, 1, 1_000_000));
            case SAVINA_THROUGHPUT ->
                    runs((context, done) -> throughput(context, done, 60, 10_000));
            case SAVINA_FORK_JOIN -> runs(PekkoSavina::forkJoin);
            case SAVINA_THREAD_RING -> runs(PekkoSavina::threadRing);
            case SAVINA_BIG -> runs(PekkoSavina::big);
            case SAVINA_FIBONACCI ->
                    runs((context, done) ->
                            context.spawnAnonymous(
                                    fibonacci(25, value -> finish(done, 75_025, value))));
            case SKYNET ->
                    runs((context, done) ->
                            context.spawnAnonymous(
                                    skynet(
                                            0,
                                            1_000_000,
                                            value -> finish(done, 499_999_500_000L, value))));
            default -> null;
        };
    }

    private static void finish(CompletableFuture<Boolean> done, long expected, long got) {
        if (expected == got) {
            done.complete(true);
        } else {
            done.completeExceptionally(
                    new AssertionError("expected " + expected + ", got: " + got));
        }
    }

    @FunctionalInterface
    private interface Run {
        void begin(ActorContext<Object> context, CompletableFuture<Boolean> done);
    }

    /// The mean time of one run: an actor starts the others, and stops with them.
    private static Work runs(Run run) {
        return timing ->
                Work.each(
                        1,
                        timing,
                        _ -> {
                            CompletableFuture<Boolean> done = new CompletableFuture<>();
                            ActorRef<Object> root =
                                    Pekko.World.spawn(
                                            Behaviors.setup(context -> {
                                                run.begin(context, done);
                                                return Behaviors.receiveMessage(
                                                        _ -> Behaviors.stopped());
                                            }));
                            done.get();
                            root.tell(Signal.END);
                        });
    }

    private static void pingPong(ActorContext<Object> context, CompletableFuture<Boolean> done) {
        ActorRef<Object> server =
                context.spawnAnonymous(
                        Behaviors.receiveMessage(message -> {
                            if (message instanceof Ping(ActorRef<Object> from)) {
                                from.tell(Signal.PONG);
                            }
                            return Behaviors.same();
                        }));
        ActorRef<Object> client =
                context.spawnAnonymous(
                        Behaviors.setup(self -> {
                            Ping ping = new Ping(self.getSelf());
                            int[] left = {40_000};
                            return Behaviors.receiveMessage(_ -> {
                                if (left[0]-- > 0) {
                                    server.tell(ping);
                                } else {
                                    done.complete(true);
                                }
                                return Behaviors.same();
                            });
                        }));
        client.tell(Signal.PONG);
    }

    private static void throughput(
            ActorContext<Object> context,
            CompletableFuture<Boolean> done,
            int servers,
            int messages) {
        CountDownLatch left = new CountDownLatch(servers);
        List<ActorRef<Object>> counters = new ArrayList<>();
        for (int i = 0; i < servers; i++) {
            counters.add(
                    context.spawnAnonymous(
                            Behaviors.setup(_ -> {
                                int[] count = new int[1];
                                return Behaviors.receiveMessage(message -> {
                                    if (message == Signal.ADD) {
                                        count[0]++;
                                        return Behaviors.same();
                                    }
                                    Work.checkCount(messages, count[0]);
                                    left.countDown();
                                    if (left.getCount() == 0) {
                                        done.complete(true);
                                    }
                                    return Behaviors.stopped();
                                });
                            })));
        }
        for (int i = 0; i < messages; i++) {
            for (ActorRef<Object> counter : counters) {
                counter.tell(Signal.ADD);
            }
        }
        counters.forEach(counter -> counter.tell(Signal.END));
    }

    private static void forkJoin(ActorContext<Object> context, CompletableFuture<Boolean> done) {
        int count = 40_000;
        CountDownLatch left = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            ActorRef<Double> child =
                    context.spawnAnonymous(
                            Behaviors.receiveMessage(angle -> {
                                Work.check(Math.sin(angle) * Math.sin(angle) <= 1, "a sine", angle);
                                left.countDown();
                                if (left.getCount() == 0) {
                                    done.complete(true);
                                }
                                return Behaviors.stopped();
                            }));
            child.tell(37.2);
        }
    }

    private static void threadRing(ActorContext<Object> context, CompletableFuture<Boolean> done) {
        List<ActorRef<Object>> nodes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            nodes.add(context.spawnAnonymous(Behaviors.setup(_ -> new Node(done).behavior())));
        }
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).tell(new Next(nodes.get((i + 1) % nodes.size())));
        }
        nodes.getFirst().tell(new Token(100_000));
    }

    private static final class Node {
        private final CompletableFuture<Boolean> done;
        private @Nullable ActorRef<Object> next;

        Node(CompletableFuture<Boolean> done) {
            this.done = done;
        }

        Behavior<Object> behavior() {
            return Behaviors.receiveMessage(message -> {
                if (message instanceof Next(ActorRef<Object> known)) {
                    next = known;
                } else if (message instanceof Token(int left) && next != null) {
                    if (left == 0) {
                        done.complete(true);
                    } else {
                        next.tell(new Token(left - 1));
                    }
                }
                return Behaviors.same();
            });
        }
    }

    private static void big(ActorContext<Object> context, CompletableFuture<Boolean> done) {
        int count = 120;
        CountDownLatch left = new CountDownLatch(count);
        Runnable end =
                () -> {
                    left.countDown();
                    if (left.getCount() == 0) {
                        done.complete(true);
                    }
                };
        List<ActorRef<Object>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(
                    context.spawnAnonymous(
                            Behaviors.setup(self -> new Pinger(self.getSelf(), end).behavior())));
        }
        all.forEach(actor -> actor.tell(new Others(all)));
    }

    private static final class Pinger {
        private final Ping ping;
        private final Runnable end;
        private List<ActorRef<Object>> others = List.of();
        private int left = 20_000;

        Pinger(ActorRef<Object> self, Runnable end) {
            this.ping = new Ping(self);
            this.end = end;
        }

        Behavior<Object> behavior() {
            return Behaviors.receiveMessage(message -> {
                if (message instanceof Ping(ActorRef<Object> from)) {
                    from.tell(Signal.PONG);
                    return Behaviors.same();
                }
                if (message instanceof Others(List<ActorRef<Object>> all)) {
                    others = all;
                } else {
                    left--;
                }
                if (left > 0) {
                    others.get(ThreadLocalRandom.current().nextInt(others.size())).tell(ping);
                } else {
                    end.run();
                }
                return Behaviors.same();
            });
        }
    }

    private static Behavior<Integer> fibonacci(int n, Consumer<Integer> parent) {
        return Behaviors.setup(context -> {
            if (n <= 2) {
                parent.accept(1);
                return Behaviors.stopped();
            }
            ActorRef<Integer> self = context.getSelf();
            context.spawnAnonymous(fibonacci(n - 1, self::tell));
            context.spawnAnonymous(fibonacci(n - 2, self::tell));
            return Behaviors.receiveMessage(first ->
                    Behaviors.receiveMessage(second -> {
                        parent.accept(first + second);
                        return Behaviors.stopped();
                    }));
        });
    }

    private static Behavior<Long> skynet(long number, int size, Consumer<Long> parent) {
        return Behaviors.setup(context -> {
            if (size == 1) {
                parent.accept(number);
                return Behaviors.stopped();
            }
            ActorRef<Long> self = context.getSelf();
            int part = size / 10;
            for (int i = 0; i < 10; i++) {
                context.spawnAnonymous(skynet(number + (long) i * part, part, self::tell));
            }
            long[] sum = new long[2];
            return Behaviors.receiveMessage(value -> {
                sum[0] += value;
                if (++sum[1] < 10) {
                    return Behaviors.same();
                }
                parent.accept(sum[0]);
                return Behaviors.stopped();
            });
        });
    }
}
