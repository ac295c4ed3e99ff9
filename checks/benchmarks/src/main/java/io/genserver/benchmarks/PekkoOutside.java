package io.genserver.benchmarks;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// Pekko typed: input from outside while pairs of actors keep all cores busy. There are no socket
/// rows because an actor must not block on a socket.
final class PekkoOutside {

    private PekkoOutside() {}

    static @Nullable Work work(Operation operation) {
        return switch (operation) {
            case OUTSIDE_2 -> outside(2);
            case OUTSIDE_8 -> outside(8);
            case OUTSIDE_64 -> outside(64);
            default -> null;
        };
    }

    private static Work outside(int pairs) {
        return timing -> {
            LongAdder rounds = new LongAdder();
            for (int i = 0; i < pairs; i++) {
                CompletableFuture<Integer> end = new CompletableFuture<>();
                var _ =
                        end.whenComplete((_, failed) ->
                                Work.orHalt(() -> {
                                    throw new IllegalStateException("a pair has ended", failed);
                                }));
                Pekko.pinging(rounds).tell(new PekkoLoop.Go(Integer.MAX_VALUE, end));
            }
            Supplier<Outside.Caller> idle =
                    () -> {
                        ActorRef<Pekko.ToCounter> counter = Pekko.World.spawn(Pekko.counter());
                        return () -> Pekko.ask(counter, Pekko.LONG, true);
                    };
            Map<String, Double> points = new LinkedHashMap<>(Outside.calls(timing, idle, rounds));
            points.putAll(
                    Outside.timers(
                            timing,
                            samples -> {
                                for (int i = 0; i < Outside.NAPPING; i++) {
                                    Pekko.World.spawn(napping(samples));
                                }
                            }));
            return points;
        };
    }

    /// An actor that starts its timer again each time it fires.
    private static Behavior<Long> napping(Samples samples) {
        return Behaviors.withTimers(timers -> {
            Runnable nap =
                    () ->
                            timers.startSingleTimer(
                                    System.nanoTime() + Outside.NAP, Duration.ofNanos(Outside.NAP));
            nap.run();
            return Behaviors.receiveMessage(due -> {
                samples.add(System.nanoTime() - due);
                if (samples.isDone()) {
                    return Behaviors.stopped();
                }
                nap.run();
                return Behaviors.same();
            });
        });
    }
}
