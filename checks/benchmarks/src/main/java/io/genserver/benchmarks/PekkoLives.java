package io.genserver.benchmarks;

import java.util.Arrays;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// Pekko typed: start, end and watching of actors, and restarts.
final class PekkoLives {

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
        ActorRef<Object> loop =
                PekkoLoop.begin(context ->
                        context.watch(
                                context.spawnAnonymous(Behaviors.setup(_ -> Behaviors.stopped()))));
        return Work.each(1_000, timing, count -> PekkoLoop.go(loop, count));
    }

    private static Map<String, Double> startStop(Work.Timing timing) throws Exception {
        ActorRef<Object> loop =
                PekkoLoop.begin(context -> {
                    ActorRef<Pekko.ToCounter> child = context.spawnAnonymous(Pekko.counter());
                    context.watch(child);
                    context.stop(child);
                });
        return Work.each(1_000, timing, count -> PekkoLoop.go(loop, count));
    }

    /// Watches and unwatches a thousand times in each step, because a step itself costs a message.
    private static Map<String, Double> watch(Work.Timing timing) throws Exception {
        ActorRef<Pekko.ToCounter> other = Pekko.World.spawn(Pekko.counter());
        ActorRef<Object> loop =
                PekkoLoop.begin(context -> {
                    for (int i = 0; i < 1_000; i++) {
                        context.watch(other);
                        context.unwatch(other);
                    }
                    context.getSelf().tell("again");
                });
        return Work.each(
                10_000,
                timing,
                count -> {
                    PekkoLoop.go(loop, count / 1_000);
                    Pekko.ask(other, Pekko.LONG, false); // answered after all requests to watch
                });
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
