package io.genserver.benchmarks;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// Pekko typed, with its default configuration but for the log.
///
/// An actor does not wait, so what is a loop elsewhere goes from message to message here: a `Loop`
/// does something again and again until it has been done often enough.
final class Pekko {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LONG = Duration.ofMinutes(2);

    private Pekko() {}

    /// The actor system of this JVM, started by its first use.
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

    // ---------------------------------------------------------------- a counter

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

    private static long ask(ActorRef<ToCounter> counter, Duration timeout, boolean increment) {
        return AskPattern.<ToCounter, Long>ask(
                        counter,
                        replyTo -> increment ? new Increment(replyTo) : new Value(replyTo),
                        timeout,
                        World.SYSTEM.scheduler())
                .toCompletableFuture()
                .join();
    }

    /// The counter as threads that are no actors use it.
    private record Client(ActorRef<ToCounter> actor) implements Counter {
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

    // ---------------------------------------------------------------- loops

    private record Go(int count, CompletableFuture<Integer> done) {}

    private record Answer(long value) {}

    private record Gone(ActorRef<Void> actor) {}

    private enum Signal {
        PONG
    }

    private record Ping(ActorRef<Object> from) {}

    /// An actor that begins a step for each message until it has done as many as it was told to.
    private static final class Loop {
        private final ActorContext<Object> context;
        private final Consumer<ActorContext<Object>> step;
        private int left;
        private int count;
        private @Nullable CompletableFuture<Integer> done;

        Loop(ActorContext<Object> context, Consumer<ActorContext<Object>> step) {
            this.context = context;
            this.step = step;
        }

        Behavior<Object> handle(Object message) {
            if (message instanceof Go(int wanted, CompletableFuture<Integer> future)) {
                left = wanted;
                count = wanted;
                done = future;
            } else {
                left--;
            }
            if (left > 0) {
                step.accept(context);
            } else if (done != null) {
                done.complete(count);
            }
            return Behaviors.same();
        }
    }

    /// @param step begins one round, whose end is a message
    private static ActorRef<Object> loop(Consumer<ActorContext<Object>> step) {
        return World.spawn(
                Behaviors.setup(context -> {
                    Loop loop = new Loop(context, step);
                    return Behaviors.receive(Object.class)
                            .onSignal(
                                    Terminated.class, gone -> loop.handle(new Gone(gone.getRef())))
                            .onAnyMessage(loop::handle)
                            .build();
                }));
    }

    private static void go(ActorRef<Object> loop, int count) {
        CompletableFuture<Integer> done = new CompletableFuture<>();
        loop.tell(new Go(count, done));
        Work.checkCount(count, done.join());
    }

    /// Each loop so many rounds, all at once.
    private static void goAll(List<ActorRef<Object>> loops, int count) {
        List<CompletableFuture<Integer>> ends = new ArrayList<>();
        for (ActorRef<Object> loop : loops) {
            CompletableFuture<Integer> done = new CompletableFuture<>();
            ends.add(done);
            loop.tell(new Go(count, done));
        }
        ends.forEach(end -> Work.checkCount(count, end.join()));
    }

    private static ActorRef<Object> asking(ActorRef<ToCounter> counter) {
        return loop(context ->
                context.ask(
                        Long.class,
                        counter,
                        TIMEOUT,
                        Increment::new,
                        (value, failed) -> {
                            if (value == null) {
                                throw new IllegalStateException(failed);
                            }
                            return new Answer(value);
                        }));
    }

    // ---------------------------------------------------------------- the operations

    static @Nullable Work work(Operation operation) {
        Waiting waiting =
                new Waiting(
                        () -> new Client(World.spawn(counter())), body -> World.spawn(once(body)));
        return switch (operation) {
            case CALL_PROCESS -> calls(1, 1, 5_000);
            case CALL_THREAD -> waiting::callOutside;
            case CALL_8X1 -> calls(8, 1, 2_000);
            case CALL_8X8 -> calls(8, 8, 2_000);
            case CAST_1X1 ->
                    timing -> {
                        Client counter = new Client(World.spawn(counter()));
                        return casts(1, counter, timing);
                    };
            case CAST_4X1 ->
                    timing -> {
                        Client counter = new Client(World.spawn(counter()));
                        return casts(4, counter, timing);
                    };
            case PING_PONG -> Pekko::pingPong;
            case RING -> timing -> ring(503, 50_300, timing);
            case SPAWN -> Pekko::spawn;
            case START_STOP -> Pekko::startStop;
            case MONITOR -> Pekko::watch;
            case TIMER -> Pekko::timer;
            case OUTSIDE_2 -> outside(2);
            case OUTSIDE_8 -> outside(8);
            case OUTSIDE_64 -> outside(64);
            case IDLE -> _ -> idle(100_000);
            case MILLION -> _ -> idle(1_000_000);
            case RESTART -> Pekko::restart;
            default -> Savina.pekko(operation);
        };
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
                        goAll(loops, each);
                        done[0] += count;
                        long sum = 0;
                        for (ActorRef<ToCounter> counter : counters) {
                            sum += ask(counter, TIMEOUT, false);
                        }
                        Work.checkCount(done[0], sum);
                    });
        };
    }

    private static Map<String, Double> casts(int senders, Client counter, Work.Timing timing)
            throws Exception {
        Waiting waiting = new Waiting(() -> counter, body -> World.spawn(once(body)));
        return waiting.casts(senders).measure(timing);
    }

    private static Map<String, Double> pingPong(Work.Timing timing) throws Exception {
        ActorRef<Object> loop = pinging(new LongAdder());
        return Work.each(5_000, timing, count -> go(loop, count));
    }

    private static ActorRef<Object> pinging(LongAdder rounds) {
        ActorRef<Ping> server =
                World.spawn(
                        Behaviors.receiveMessage(ping -> {
                            ping.from().tell(Signal.PONG);
                            return Behaviors.same();
                        }));
        return loop(context -> {
            rounds.increment();
            server.tell(new Ping(context.getSelf()));
        });
    }

    private static Work outside(int pairs) {
        return timing -> {
            LongAdder rounds = new LongAdder();
            for (int i = 0; i < pairs; i++) {
                pinging(rounds).tell(new Go(Integer.MAX_VALUE, new CompletableFuture<>()));
            }
            Client idle = new Client(World.spawn(counter()));
            return Waiting.outside(timing, idle::increment, rounds);
        };
    }

    // ---------------------------------------------------------------- the ring

    private sealed interface ToRing {}

    private record Next(ActorRef<ToRing> next) implements ToRing {}

    private record Token(int left, CompletableFuture<Integer> done) implements ToRing {}

    private static final class Node {
        private @Nullable ActorRef<ToRing> next;

        Behavior<ToRing> handle(ToRing message) {
            switch (message) {
                case Next(ActorRef<ToRing> known) -> next = known;
                case Token(int left, CompletableFuture<Integer> done) -> {
                    if (left == 0) {
                        done.complete(left);
                    } else if (next != null) {
                        next.tell(new Token(left - 1, done));
                    }
                }
            }
            return Behaviors.same();
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
        return Work.each(
                hops,
                timing,
                count -> {
                    CompletableFuture<Integer> done = new CompletableFuture<>();
                    nodes.getFirst().tell(new Token(count, done));
                    Work.checkCount(0, done.join());
                });
    }

    // ---------------------------------------------------------------- lives

    private static Map<String, Double> spawn(Work.Timing timing) throws Exception {
        ActorRef<Object> loop =
                loop(context ->
                        context.watch(
                                context.spawnAnonymous(Behaviors.setup(_ -> Behaviors.stopped()))));
        return Work.each(1_000, timing, count -> go(loop, count));
    }

    private static Map<String, Double> startStop(Work.Timing timing) throws Exception {
        ActorRef<Object> loop =
                loop(context -> {
                    ActorRef<ToCounter> child = context.spawnAnonymous(counter());
                    context.watch(child);
                    context.stop(child);
                });
        return Work.each(1_000, timing, count -> go(loop, count));
    }

    /// A thousand at a time, for each round of the loop is a message.
    private static Map<String, Double> watch(Work.Timing timing) throws Exception {
        ActorRef<ToCounter> other = World.spawn(counter());
        ActorRef<Object> loop =
                loop(context -> {
                    for (int i = 0; i < 1_000; i++) {
                        context.watch(other);
                        context.unwatch(other);
                    }
                    context.getSelf().tell(Signal.PONG);
                });
        return Work.each(
                10_000,
                timing,
                count -> {
                    go(loop, count / 1_000);
                    ask(other, LONG, false); // after all the requests to watch it
                });
    }

    private static Map<String, Double> timer(Work.Timing timing) throws Exception {
        return Work.each(
                100_000,
                timing,
                count -> {
                    Cancellable[] armed = new Cancellable[count];
                    for (int i = 0; i < count; i++) {
                        armed[i] =
                                World.SYSTEM
                                        .scheduler()
                                        .scheduleOnce(
                                                Duration.ofSeconds(60 + i % 60),
                                                () -> {},
                                                World.SYSTEM.executionContext());
                    }
                    int cancelled = 0;
                    for (Cancellable timer : armed) {
                        cancelled += timer.cancel() ? 1 : 0;
                    }
                    Work.checkCount(count, cancelled);
                });
    }

    // ---------------------------------------------------------------- many

    private record Many(int count, CompletableFuture<List<ActorRef<ToCounter>>> started) {}

    private record StopAll(List<ActorRef<ToCounter>> children, CompletableFuture<Boolean> done) {}

    private static Behavior<Object> parent() {
        return Behaviors.setup(context -> {
            CompletableFuture<Boolean> end = new CompletableFuture<>();
            int[] left = new int[1];
            return Behaviors.receive(Object.class)
                    .onMessage(
                            Many.class,
                            many -> {
                                List<ActorRef<ToCounter>> children = new ArrayList<>(many.count());
                                for (int i = 0; i < many.count(); i++) {
                                    children.add(context.spawnAnonymous(counter()));
                                }
                                many.started().complete(children);
                                return Behaviors.same();
                            })
                    .onMessage(
                            StopAll.class,
                            stop -> {
                                left[0] = stop.children().size();
                                var _ = end.thenAccept(stop.done()::complete);
                                for (ActorRef<ToCounter> child : stop.children()) {
                                    context.watch(child);
                                    context.stop(child);
                                }
                                return Behaviors.same();
                            })
                    .onSignal(
                            Terminated.class,
                            _ -> {
                                if (--left[0] == 0) {
                                    end.complete(true);
                                }
                                return Behaviors.same();
                            })
                    .build();
        });
    }

    private static List<ActorRef<ToCounter>> startMany(ActorRef<Object> parent, int count) {
        CompletableFuture<List<ActorRef<ToCounter>>> started = new CompletableFuture<>();
        parent.tell(new Many(count, started));
        List<ActorRef<ToCounter>> children = started.join();
        ask(children.getLast(), LONG, false);
        return children;
    }

    private static void stopAll(ActorRef<Object> parent, List<ActorRef<ToCounter>> children) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        parent.tell(new StopAll(children, done));
        done.join();
    }

    private static Map<String, Double> idle(int count) throws Exception {
        ActorRef<Object> first = World.spawn(parent());
        stopAll(first, startMany(first, 10_000));
        ActorRef<Object> parent = World.spawn(parent());
        long before = Work.usedHeap();
        long begin = System.nanoTime();
        List<ActorRef<ToCounter>> children = startMany(parent, count);
        double started = System.nanoTime() - begin;
        double bytes = Work.usedHeap() - before;
        for (int i = 0; i < count - 1; i += count / 100) {
            Work.checkCount(1, ask(children.get(i), LONG, true));
        }
        begin = System.nanoTime();
        stopAll(parent, children);
        double stopped = System.nanoTime() - begin;
        Map<String, Double> measured = new LinkedHashMap<>();
        measured.put("bytes", bytes / count);
        measured.put("start", started / count);
        measured.put("stop", stopped / count);
        return measured;
    }

    // ---------------------------------------------------------------- restarts

    private static Map<String, Double> restart(Work.Timing timing) throws Exception {
        ActorRef<ToCounter> counter =
                World.spawn(
                        Behaviors.supervise(counter())
                                .onFailure(Exception.class, SupervisorStrategy.restart()));
        long[] samples = new long[1_000_000];
        int[] count = new int[1];
        long[] crashed = new long[1];
        ActorRef<Object> loop =
                World.spawn(
                        Behaviors.setup(context -> {
                            Loop crashing =
                                    new Loop(
                                            context,
                                            _ -> {
                                                crashed[0] = System.nanoTime();
                                                counter.tell(new Crash());
                                                counter.tell(
                                                        new Increment(
                                                                context.messageAdapter(
                                                                        Long.class, Answer::new)));
                                            });
                            return Behaviors.receive(Object.class)
                                    .onMessage(
                                            Answer.class,
                                            answer -> {
                                                samples[count[0]++ % samples.length] =
                                                        System.nanoTime() - crashed[0];
                                                Work.checkCount(1, answer.value());
                                                return crashing.handle(answer);
                                            })
                                    .onAnyMessage(crashing::handle)
                                    .build();
                        }));
        Work.mean(
                1_000,
                timing,
                rounds -> {
                    count[0] = 0;
                    go(loop, rounds);
                });
        int measured = 20_000;
        count[0] = 0;
        go(loop, measured);
        return Work.percentiles(Arrays.copyOf(samples, measured));
    }
}
