package io.genserver.benchmarks;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// Pekko typed: calls, casts and messages. The configuration is the default, except that logging is
/// off.
final class Pekko {

    static final Duration TIMEOUT = Duration.ofSeconds(5);
    static final Duration LONG = Duration.ofMinutes(2);

    private Pekko() {}

    /// The actor system of this JVM, started on first use.
    static final class World {
        static final ActorSystem<Void> SYSTEM =
                ActorSystem.create(
                        Behaviors.empty(),
                        "bench",
                        ConfigFactory.parseString(
                                        "pekko.loglevel = OFF, pekko.stdout-loglevel = OFF")
                                .withFallback(ConfigFactory.load()));

        private static final LongAdder names = new LongAdder();

        private World() {}

        static synchronized <T> ActorRef<T> spawn(Behavior<T> behavior) {
            names.increment();
            return SYSTEM.systemActorOf(behavior, "bench-" + names.sum(), Props.empty());
        }
    }

    sealed interface ToCounter {}

    record Increment(ActorRef<Long> replyTo) implements ToCounter {}

    record Value(ActorRef<Long> replyTo) implements ToCounter {}

    record Add() implements ToCounter {}

    record Crash() implements ToCounter {}

    private static final Add ADD = new Add();

    private static final class Count {
        private long value;

        Behavior<ToCounter> handle(ToCounter message) {
            switch (message) {
                case Increment(ActorRef<Long> replyTo) -> replyTo.tell(++value);
                case Value(ActorRef<Long> replyTo) -> replyTo.tell(value);
                case Add _ -> value++;
                case Crash _ -> throw new IllegalStateException("crash");
            }
            return Behaviors.same();
        }
    }

    static Behavior<ToCounter> counter() {
        return Behaviors.setup(_ -> Behaviors.receiveMessage(new Count()::handle));
    }

    static long ask(ActorRef<ToCounter> counter, Duration timeout, boolean increment) {
        return AskPattern.<ToCounter, Long>ask(
                        counter,
                        replyTo -> increment ? new Increment(replyTo) : new Value(replyTo),
                        timeout,
                        World.SYSTEM.scheduler())
                .toCompletableFuture()
                .join();
    }

    /// The counter as threads outside the actor system use it.
    record Client(ActorRef<ToCounter> actor) implements Counter {
        @Override
        public long increment() {
            return ask(actor, TIMEOUT, true);
        }

        @Override
        public void add() {
            actor.tell(ADD);
        }

        @Override
        public long value() {
            return ask(actor, LONG, false);
        }
    }

    static @Nullable Work work(Operation operation) {
        Waiting waiting = waiting(() -> new Client(World.spawn(counter())));
        return switch (operation) {
            case CALL_PROCESS -> calls(1, 1, 5_000);
            case CALL_THREAD -> waiting::callOutside;
            case CALL_8X1 -> calls(8, 1, 2_000);
            case CALL_8X8 -> calls(8, 8, 2_000);
            case INSIDE_64 -> calls(64, 64, 2_000);
            case CAST_1X1 -> timing -> casts(1, timing);
            case CAST_4X1 -> timing -> casts(4, timing);
            case PING_PONG, SERVER_PING_PONG -> Pekko::pingPong;
            case REQUEST_REPLY -> Pekko::requestReply;
            case RING, SERVER_RING ->
                    timing -> ring(Operation.RING_SIZE, Operation.RING_HOPS, timing);
            case MIXED_1CALL_1CAST -> mixed(1, 1);
            case MIXED_1CALL_9CASTS -> mixed(1, 9);
            case MIXED_8X8_1CALL_1CAST -> mixed(8, 1);
            case MIXED_8X8_1CALL_9CASTS -> mixed(8, 9);
            default -> null;
        };
    }

    /// Returns the operations whose callers block. An actor that does nothing else runs each
    /// caller.
    static Waiting waiting(Supplier<Counter> counters) {
        return new Waiting(counters, body -> World.spawn(once(body)));
    }

    /// An actor that runs a body and stops.
    private static Behavior<Void> once(Runnable body) {
        return Behaviors.setup(_ -> {
            body.run();
            return Behaviors.stopped();
        });
    }

    private static Work calls(int callers, int servers, int each) {
        return timing -> {
            List<ActorRef<ToCounter>> counters = new ArrayList<>();
            for (int i = 0; i < servers; i++) {
                counters.add(World.spawn(counter()));
            }
            List<ActorRef<Object>> loops = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                loops.add(asking(counters.get(i % servers)));
            }
            long[] done = new long[1];
            return Work.each(
                    callers * each,
                    timing,
                    count -> {
                        PekkoLoop.goAll(loops, each);
                        done[0] += count;
                        Work.checkCount(done[0], sum(counters));
                    });
        };
    }

    private static Work mixed(int pairs, int casts) {
        return timing -> {
            List<ActorRef<ToCounter>> counters = new ArrayList<>();
            List<ActorRef<Object>> loops = new ArrayList<>();
            for (int i = 0; i < pairs; i++) {
                ActorRef<ToCounter> counter = World.spawn(counter());
                counters.add(counter);
                loops.add(asking(counter, casts));
            }
            int rounds = 10_000 / (casts + 1);
            long[] done = new long[1];
            return Work.each(
                    pairs * rounds * (casts + 1),
                    timing,
                    count -> {
                        PekkoLoop.goAll(loops, rounds);
                        done[0] += count;
                        Work.checkCount(done[0], sum(counters));
                    });
        };
    }

    private static long sum(List<ActorRef<ToCounter>> counters) {
        return counters.stream().mapToLong(counter -> ask(counter, TIMEOUT, false)).sum();
    }

    private static Map<String, Double> casts(int senders, Work.Timing timing) throws Exception {
        Client counter = new Client(World.spawn(counter()));
        return waiting(() -> counter).casts(senders).measure(timing);
    }

    private static ActorRef<Object> asking(ActorRef<ToCounter> counter) {
        return asking(counter, 0);
    }

    /// @param casts the number of casts before each ask
    private static ActorRef<Object> asking(ActorRef<ToCounter> counter, int casts) {
        return PekkoLoop.begin(
                PekkoLoop.Answer.class::isInstance,
                context -> {
                    for (int i = 0; i < casts; i++) {
                        counter.tell(ADD);
                    }
                    context.ask(
                            Long.class,
                            counter,
                            TIMEOUT,
                            Increment::new,
                            (value, failed) -> {
                                if (value == null) {
                                    throw new IllegalStateException(failed);
                                }
                                return new PekkoLoop.Answer(value);
                            });
                });
    }

    private enum Signal {
        PONG
    }

    private record Ping(ActorRef<Object> from) {}

    private static Map<String, Double> pingPong(Work.Timing timing) throws Exception {
        LongAdder pings = new LongAdder();
        ActorRef<Object> loop = pinging(pings);
        return Work.each(
                5_000,
                timing,
                count -> {
                    long before = pings.sum();
                    PekkoLoop.go(loop, count);
                    Work.checkCount(before + count, pings.sum());
                });
    }

    /// @param pings counts the pings that have been answered
    static ActorRef<Object> pinging(LongAdder pings) {
        ActorRef<Ping> server =
                World.spawn(
                        Behaviors.receiveMessage(ping -> {
                            pings.increment();
                            ping.from().tell(Signal.PONG);
                            return Behaviors.same();
                        }));
        return PekkoLoop.begin(
                Signal.PONG::equals, context -> server.tell(new Ping(context.getSelf())));
    }

    /// Each step of the [PekkoLoop] sends a request. The reply begins the next step.
    private static Map<String, Double> requestReply(Work.Timing timing) throws Exception {
        ActorRef<ToCounter> counter = World.spawn(counter());
        ActorRef<Object> loop =
                PekkoLoop.begin(
                        Long.class::isInstance,
                        context -> counter.tell(new Increment(context.getSelf().<Long>narrow())));
        long[] done = new long[1];
        return Work.each(
                5_000,
                timing,
                count -> {
                    PekkoLoop.go(loop, count);
                    done[0] += count;
                    Work.checkCount(done[0], ask(counter, TIMEOUT, false));
                });
    }

    private sealed interface ToRing {}

    private record Next(ActorRef<ToRing> next) implements ToRing {}

    private record Token(int left, CompletableFuture<Boolean> end) implements ToRing {}

    /// Adds up the tokens that all nodes have handled, on its way round the ring.
    private record Sum(int nodes, long handled, CompletableFuture<Long> end) implements ToRing {}

    private static final class Node {
        private @Nullable ActorRef<ToRing> next;
        private long handled;

        Behavior<ToRing> handle(ToRing message) {
            switch (message) {
                case Next(ActorRef<ToRing> known) -> next = known;
                case Token(int left, CompletableFuture<Boolean> end) -> {
                    handled++;
                    if (left > 1) {
                        pass(new Token(left - 1, end));
                    } else {
                        end.complete(true);
                    }
                }
                case Sum(int nodes, long before, CompletableFuture<Long> end) -> {
                    if (nodes > 1) {
                        pass(new Sum(nodes - 1, before + handled, end));
                    } else {
                        end.complete(before + handled);
                    }
                }
            }
            return Behaviors.same();
        }

        private void pass(ToRing message) {
            Objects.requireNonNull(next).tell(message);
        }
    }

    static Map<String, Double> ring(int size, int hops, Work.Timing timing) throws Exception {
        List<ActorRef<ToRing>> nodes = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            nodes.add(
                    World.spawn(
                            Behaviors.setup(_ -> Behaviors.receiveMessage(new Node()::handle))));
        }
        for (int i = 0; i < size; i++) {
            nodes.get(i).tell(new Next(nodes.get((i + 1) % size)));
        }
        long[] passed = new long[1];
        Map<String, Double> measured =
                Work.each(
                        hops,
                        timing,
                        count -> {
                            CompletableFuture<Boolean> end = new CompletableFuture<>();
                            nodes.getFirst().tell(new Token(count, end));
                            end.join();
                            passed[0] += count;
                        });
        CompletableFuture<Long> handled = new CompletableFuture<>();
        nodes.getFirst().tell(new Sum(size, 0, handled));
        Work.checkCount(passed[0], handled.join());
        return measured;
    }
}
