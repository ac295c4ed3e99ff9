package io.genserver.benchmarks;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// Pekko typed: start, end and watching of actors, and restarts.
final class PekkoLives {

    private static final Object AGAIN = new Object();

    private PekkoLives() {}

    static @Nullable Work work(Operation operation) {
        return switch (operation) {
            case SPAWN -> PekkoLives::spawn;
            case START_STOP -> PekkoLives::startStop;
            case MONITOR -> PekkoLives::watch;
            case RESTART -> PekkoLives::restart;
            default -> null;
        };
    }

    private static Map<String, Double> spawn(Work.Timing timing) throws Exception {
        return lives(
                timing,
                (context, started) -> {
                    ActorRef<Void> child =
                            context.spawnAnonymous(
                                    Behaviors.setup(_ -> {
                                        started.increment();
                                        return Behaviors.stopped();
                                    }));
                    context.watch(child);
                    return child;
                });
    }

    private static Map<String, Double> startStop(Work.Timing timing) throws Exception {
        return lives(
                timing,
                (context, started) -> {
                    ActorRef<Pekko.ToCounter> child =
                            context.spawnAnonymous(
                                    Behaviors.setup(_ -> {
                                        started.increment();
                                        return Pekko.counter();
                                    }));
                    context.watch(child);
                    context.stop(child);
                    return child;
                });
    }

    /// Measures starts and ends. Each step ends with the signal that its actor has terminated.
    ///
    /// @param begin begins a step and returns the actor, which counts its start
    private static Map<String, Double> lives(
            Work.Timing timing, BiFunction<ActorContext<Object>, LongAdder, ActorRef<?>> begin)
            throws Exception {
        LongAdder started = new LongAdder();
        AtomicReference<@Nullable ActorRef<?>> last = new AtomicReference<>();
        ActorRef<Object> loop =
                PekkoLoop.begin(
                        end ->
                                end instanceof PekkoLoop.Gone(ActorRef<Void> actor)
                                        && actor.equals(last.getPlain()),
                        context -> last.setPlain(begin.apply(context, started)));
        return Work.each(
                1_000,
                timing,
                count -> {
                    long before = started.sum();
                    PekkoLoop.go(loop, count);
                    Work.checkCount(before + count, started.sum());
                });
    }

    /// Watches and unwatches a thousand times in each step, because a step itself costs a message.
    private static Map<String, Double> watch(Work.Timing timing) throws Exception {
        ActorRef<Pekko.ToCounter> other = Pekko.World.spawn(Pekko.counter());
        ActorRef<Object> loop =
                PekkoLoop.begin(
                        AGAIN::equals,
                        context -> {
                            for (int i = 0; i < 1_000; i++) {
                                context.watch(other);
                                context.unwatch(other);
                            }
                            context.getSelf().tell(AGAIN);
                        });
        Map<String, Double> measured =
                Work.each(
                        10_000,
                        timing,
                        count -> {
                            PekkoLoop.go(loop, count / 1_000);
                            // answered after all requests to watch
                            Pekko.ask(other, Pekko.LONG, false);
                        });
        checkWatching();
        return measured;
    }

    /// Checks that the end of a watched actor is signalled, and that of an unwatched one is not.
    private static void checkWatching() {
        AtomicReference<@Nullable ActorRef<?>> last = new AtomicReference<>();
        ActorRef<Object> loop =
                PekkoLoop.begin(
                        end ->
                                end instanceof PekkoLoop.Gone(ActorRef<Void> actor)
                                        && actor.equals(last.getPlain()),
                        context -> {
                            ActorRef<Pekko.ToCounter> unwatched =
                                    context.spawnAnonymous(Pekko.counter());
                            ActorRef<Pekko.ToCounter> watched =
                                    context.spawnAnonymous(Pekko.counter());
                            context.watch(unwatched);
                            context.watch(watched);
                            context.unwatch(unwatched);
                            last.setPlain(watched);
                            context.stop(unwatched);
                            context.stop(watched);
                        });
        PekkoLoop.go(loop, 1_000);
    }

    private static Map<String, Double> restart(Work.Timing timing) throws Exception {
        ActorRef<Pekko.ToCounter> counter =
                Pekko.World.spawn(
                        Behaviors.supervise(Pekko.counter())
                                .onFailure(Exception.class, SupervisorStrategy.restart()));
        long[] samples = new long[1_000_000];
        int[] count = new int[1];
        long[] crashed = new long[1];
        ActorRef<Object> loop =
                Pekko.World.spawn(
                        Behaviors.setup(context -> {
                            PekkoLoop crashing =
                                    new PekkoLoop(
                                            context,
                                            PekkoLoop.Answer.class::isInstance,
                                            _ -> {
                                                crashed[0] = System.nanoTime();
                                                counter.tell(new Pekko.Crash());
                                                counter.tell(
                                                        new Pekko.Increment(
                                                                context.messageAdapter(
                                                                        Long.class,
                                                                        PekkoLoop.Answer::new)));
                                            });
                            return Behaviors.receive(Object.class)
                                    .onMessage(
                                            PekkoLoop.Answer.class,
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
                    PekkoLoop.go(loop, rounds);
                });
        int measured = 20_000;
        count[0] = 0;
        PekkoLoop.go(loop, measured);
        return Work.percentiles(Arrays.copyOf(samples, measured));
    }
}
