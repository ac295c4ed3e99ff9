package io.genserver.benchmarks;

import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// This library: timers that send messages.
final class OursTimers {

    private static final Object TICK = new Object();

    private OursTimers() {}

    static @Nullable Work work(Operation operation) {
        Waiting waiting = Ours.waiting();
        return switch (operation) {
            case TIMER -> timing -> waiting.inside(() -> Timers.both(timing, alarms()));
            case TIMERS_MILLION -> timing -> waiting.inside(() -> Timers.million(timing, alarms()));
            case TIMER_ACCURACY -> OursTimers::accuracy;
            default -> null;
        };
    }

    private static Timers.Alarms<Ref> alarms() {
        Pid self = Processes.self();
        return new Timers.Alarms<>() {
            @Override
            public Ref arm(int seconds) {
                return Processes.sendAfter(self, TICK, Duration.ofSeconds(seconds));
            }

            @Override
            public boolean cancel(Ref timer) {
                return Processes.cancelTimer(timer).isPresent();
            }
        };
    }

    private static Map<String, Double> accuracy(Work.Timing timing) throws InterruptedException {
        Pid process =
                Processes.spawn(() -> {
                    while (true) {
                        Processes.receive(Runnable.class).run();
                    }
                });
        return Timers.accuracy(
                timing,
                (millis, fired) -> Processes.sendAfter(process, fired, Duration.ofMillis(millis)));
    }
}
