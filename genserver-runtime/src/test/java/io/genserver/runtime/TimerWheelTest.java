package io.genserver.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// Runs the wheel on a clock that moves only when the test moves it.
class TimerWheelTest {

    private static final long TICK = 1L << 20; // units: ns
    private static final long DAY = Duration.ofDays(1).toNanos();

    /// A clock that the test moves.
    ///
    /// No reader misses a step of time. A thread adds itself to the readers before it reads `now`;
    /// the test changes `now` before it looks at the readers. So a thread that has read the old
    /// time is unparked, and its next park returns even if it had not begun.
    private static final class ManualClock implements Clock {
        private final AtomicLong now;
        private final Set<Thread> readers = ConcurrentHashMap.newKeySet();

        ManualClock(long start) {
            now = new AtomicLong(start);
        }

        @Override
        public long nanoTime() {
            readers.add(Thread.currentThread());
            return now.get();
        }

        @Override
        public void park(Object blocker, long nanos) {
            LockSupport.park(blocker);
        }

        void advance(long nanos) {
            now.addAndGet(nanos);
            readers.forEach(LockSupport::unpark);
        }
    }

    private final ManualClock clock = new ManualClock(Long.MAX_VALUE - DAY); // wraps on the way
    private final TimerWheel wheel = new TimerWheel(clock, null, "test-timers", Runnable::run);
    private final List<Alarm> fired = new CopyOnWriteArrayList<>();

    private class Alarm extends TimerWheel.Entry {
        private final long deadline;

        Alarm(long deadline) {
            this.deadline = deadline;
        }

        @Override
        void fire() {
            fired.add(this);
        }
    }

    private Alarm arm(long delay) {
        Alarm alarm = new Alarm(clock.nanoTime() + delay);
        wheel.arm(alarm, alarm.deadline);
        return alarm;
    }

    private void advanceAndAwait(long nanos, List<Alarm> expected) {
        clock.advance(nanos);
        await().pollInterval(Duration.ofMillis(1))
                .pollDelay(Duration.ZERO)
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(fired).containsExactlyElementsOf(expected));
    }

    @Test
    void an_entry_fires_at_its_time_and_not_before() {
        Alarm alarm = arm(10 * TICK);

        advanceAndAwait(9 * TICK, List.of());
        advanceAndAwait(2 * TICK, List.of(alarm));
    }

    @Test
    void an_entry_fires_again_if_memory_ends_in_it() {
        Alarm alarm =
                new Alarm(clock.nanoTime() + TICK) {
                    private int failures = 2;

                    @Override
                    boolean firesAgain() {
                        return true;
                    }

                    @Override
                    void fire() {
                        if (failures-- > 0) {
                            throw new OutOfMemoryError("on purpose");
                        }
                        super.fire();
                    }
                };
        wheel.arm(alarm, alarm.deadline);

        clock.advance(2 * TICK);
        await().pollInterval(Duration.ofMillis(1)).until(() -> wheel.read(alarm) > 0);
        advanceAndAwait(0, List.of());
        clock.advance(20 * TICK);
        await().pollInterval(Duration.ofMillis(1)).until(() -> wheel.read(alarm) > 0);
        advanceAndAwait(20 * TICK, List.of(alarm));
    }

    @Test
    void a_cancelled_entry_does_not_fire() {
        Alarm cancelled = arm(5 * TICK);
        Alarm kept = arm(5 * TICK);

        assertThat(wheel.cancel(cancelled)).isEqualTo(5 * TICK);
        assertThat(wheel.cancel(cancelled)).isEqualTo(-1);

        advanceAndAwait(6 * TICK, List.of(kept));
        assertThat(wheel.read(kept)).isEqualTo(-1);
    }

    @Test
    void entries_of_one_time_fire_in_the_order_they_were_armed() {
        List<Alarm> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(arm(1_000 * TICK));
        }

        advanceAndAwait(1_001 * TICK, all);
    }

    @Test
    void an_entry_beyond_the_wheels_reach_waits_for_its_time() {
        Alarm inThreeYears = arm(3 * 365 * DAY);

        advanceAndAwait(2 * 365 * DAY, List.of());
        advanceAndAwait(365 * DAY - 2 * TICK, List.of());
        advanceAndAwait(4 * TICK, List.of(inThreeYears));
    }

    /// Compares random arming, cancelling and steps of time with a plain list.
    @Test
    void behaves_as_a_list_of_deadlines_would() {
        Random random = new Random(42);
        List<Alarm> armed = new ArrayList<>();
        List<Alarm> expected = new ArrayList<>();
        for (int round = 0; round < 300; round++) {
            for (int i = random.nextInt(20); i > 0; i--) {
                // From a tick to years, each order of magnitude equally likely.
                armed.add(arm((long) Math.pow(2, 20 + 36 * random.nextDouble())));
            }
            if (!armed.isEmpty() && random.nextBoolean()) {
                Alarm victim = armed.remove(random.nextInt(armed.size()));
                assertThat(wheel.cancel(victim)).isPositive();
            }
            long step = (long) Math.pow(2, 20 + 34 * random.nextDouble());
            long until = clock.nanoTime() + step;
            List<Alarm> due =
                    armed.stream()
                            .filter(alarm -> tick(alarm.deadline, true) <= tick(until, false))
                            .toList();
            armed.removeAll(due);
            expected.addAll(due);
            clock.advance(step);
            await().pollInterval(Duration.ofMillis(1))
                    .pollDelay(Duration.ZERO)
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> fired.size() >= expected.size());
            assertThat(fired).hasSameSizeAs(expected).containsAll(due);
        }
        assertThat(expected).hasSizeGreaterThan(1_000);
    }

    private long tick(long time, boolean up) {
        long sinceOrigin = time - (Long.MAX_VALUE - DAY);
        return (sinceOrigin + (up ? TICK - 1 : 0)) >> 20;
    }
}
