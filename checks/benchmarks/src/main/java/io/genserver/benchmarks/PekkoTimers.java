package io.genserver.benchmarks;

import java.time.Duration;
import java.util.Map;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// Pekko typed: the timers of its scheduler.
final class PekkoTimers {

    private PekkoTimers() {}

    static @Nullable Work work(Operation operation) {
        return switch (operation) {
            case TIMER -> timing -> Timers.both(timing, new Scheduled());
            case TIMERS_MILLION -> timing -> Timers.million(timing, new Scheduled());
            case TIMER_ACCURACY -> PekkoTimers::accuracy;
            default -> null;
        };
    }

    private static Cancellable schedule(Duration delay, Runnable what) {
        return Pekko.World.SYSTEM
                .scheduler()
                .scheduleOnce(delay, what, Pekko.World.SYSTEM.executionContext());
    }

    private record Scheduled() implements Timers.Alarms<Cancellable> {
        @Override
        public Cancellable arm(int seconds) {
            return schedule(Duration.ofSeconds(seconds), () -> {});
        }

        @Override
        public boolean cancel(Cancellable timer) {
            return timer.cancel();
        }
    }

    private static Map<String, Double> accuracy(Work.Timing timing) throws InterruptedException {
        ActorRef<Runnable> actor =
                Pekko.World.spawn(
                        Behaviors.receiveMessage(fired -> {
                            fired.run();
                            return Behaviors.same();
                        }));
        return Timers.accuracy(
                timing,
                (millis, fired) -> schedule(Duration.ofMillis(millis), () -> actor.tell(fired)));
    }
}
