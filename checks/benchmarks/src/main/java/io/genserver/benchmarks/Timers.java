package io.genserver.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The operations on timers.
final class Timers {

    private static final int MILLION = 1_000_000;
    private static final int EACH = 2_000; // timers per second
    private static final long GAP = 1_000_000_000L / EACH; // units: ns
    private static final int LONGEST = 100; // units: ms

    private Timers() {}

    /// Timers that are cancelled before they fire.
    ///
    /// @param <T> the timer
    interface Alarms<T> {

        /// Arms a timer.
        ///
        /// @param seconds until it would fire
        T arm(int seconds);

        /// Cancels a timer and returns whether it had not fired.
        boolean cancel(T timer);

        /// Checks the contestant's own state after all timers have been cancelled.
        default void check() {}
    }

    private static <T> List<T> arm(Alarms<T> alarms, int count) {
        List<T> armed = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            armed.add(alarms.arm(60 + i % 60));
        }
        return armed;
    }

    private static <T> void cancel(Alarms<T> alarms, List<T> armed) {
        int cancelled = 0;
        for (T timer : armed) {
            cancelled += alarms.cancel(timer) ? 1 : 0;
        }
        Work.checkCount(armed.size(), cancelled);
        alarms.check();
    }

    /// Measures arming and cancelling together, 100,000 timers at a time.
    static Map<String, Double> both(Work.Timing timing, Alarms<?> alarms) throws Exception {
        return Work.each(100_000, timing, count -> both(alarms, count));
    }

    private static <T> void both(Alarms<T> alarms, int count) {
        cancel(alarms, arm(alarms, count));
    }

    /// Measures arming and cancelling separately, 1,000,000 timers at a time.
    static <T> Map<String, Double> million(Work.Timing timing, Alarms<T> alarms) {
        long begin = System.nanoTime();
        do {
            both(alarms, MILLION);
        } while (System.nanoTime() - begin < timing.warmUp());
        double arming = 0;
        double cancelling = 0;
        double count = 0;
        do {
            long start = System.nanoTime();
            List<T> armed = arm(alarms, MILLION);
            long middle = System.nanoTime();
            cancel(alarms, armed);
            arming += middle - start;
            cancelling += System.nanoTime() - middle;
            count += MILLION;
        } while (arming + cancelling < timing.time());
        Map<String, Double> measured = new LinkedHashMap<>();
        measured.put("arm", arming / count);
        measured.put("cancel", cancelling / count);
        return measured;
    }

    /// Timers that fire.
    @FunctionalInterface
    interface Clock {

        /// Arms a timer.
        ///
        /// @param millis until it should fire
        void arm(int millis, Runnable fired);
    }

    /// Measures how late timers fire. A platform thread arms them evenly over each second.
    static Map<String, Double> accuracy(Work.Timing timing, Clock clock)
            throws InterruptedException {
        second(clock, new long[EACH], 0, 1);
        int seconds = (int) Math.max(1, TimeUnit.NANOSECONDS.toSeconds(timing.time()));
        long[] late = new long[seconds * EACH];
        for (int i = 0; i < seconds; i++) {
            second(clock, late, i * EACH, i + 2);
        }
        for (long each : late) {
            Work.check(each >= 0, "no timer before its time", each + " ns");
        }
        return Work.percentiles(late);
    }

    private static void second(Clock clock, long[] late, int offset, int seed)
            throws InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        CountDownLatch left = new CountDownLatch(EACH);
        long begin = System.nanoTime();
        for (int i = 0; i < EACH; i++) {
            int index = offset + i;
            while (System.nanoTime() - begin < i * GAP) {
                LockSupport.parkNanos(GAP / 2);
            }
            int millis = 1 + random.nextInt(LONGEST);
            long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            clock.arm(
                    millis,
                    () -> {
                        late[index] = System.nanoTime() - due;
                        left.countDown();
                    });
        }
        Work.check(
                left.await(10, TimeUnit.SECONDS),
                "all timers to fire",
                left.getCount() + " waiting");
    }
}
