package io.genserver.benchmarks;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The timers of the JDK's `ScheduledThreadPoolExecutor`.
final class ExecutorTimers {

    private ExecutorTimers() {}

    static @Nullable Work work(Operation operation) {
        return switch (operation) {
            case TIMER -> timing -> Timers.both(timing, new Scheduled());
            case TIMERS_MILLION -> timing -> Timers.million(timing, new Scheduled());
            case TIMER_ACCURACY ->
                    timing -> {
                        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
                        return Timers.accuracy(
                                timing,
                                (millis, fired) -> {
                                    var _ = executor.schedule(fired, millis, TimeUnit.MILLISECONDS);
                                });
                    };
            default -> null;
        };
    }

    private static final class Scheduled implements Timers.Alarms<Future<?>> {
        private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);

        Scheduled() {
            executor.setRemoveOnCancelPolicy(true);
        }

        @Override
        public Future<?> arm(int seconds) {
            return executor.schedule(() -> {}, seconds, TimeUnit.SECONDS);
        }

        @Override
        public boolean cancel(Future<?> timer) {
            return timer.cancel(false);
        }

        @Override
        public void check() {
            Work.checkCount(0, executor.getQueue().size());
        }
    }
}
