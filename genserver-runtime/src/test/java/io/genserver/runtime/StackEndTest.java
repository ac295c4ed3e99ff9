package io.genserver.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.Agent;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Sys;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What many threads share works on after the stack of one of them has ended anywhere in it.
@Timeout(60)
class StackEndTest {

    private static final int ROUNDS = 40;
    private static final int LEVELS = 400; // more than a step needs
    private static final long SMALL_STACK = 256 * 1024; // units: bytes

    private final LocalNode node = LocalNode.DEFAULT;

    /// Runs a step at every depth near the end of a thread's stack, to its end. Each round begins
    /// at another depth, so that the stack ends in another call of the step.
    static void runAtEveryDepth(Runnable step) throws InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            int padding = round;
            Thread deep = new Thread(null, () -> pad(padding, step), "deep", SMALL_STACK);
            deep.start();
            deep.join();
        }
    }

    private static long pad(int depth, Runnable step) {
        return depth == 0 ? descend(step, 1) : pad(depth - 1, step) + 1;
    }

    /// Goes to the end of the stack and up again for some levels, and down from there with the
    /// step. Returns how many levels it has gone up.
    private static long descend(Runnable step, long depth) {
        if (depth == Long.MAX_VALUE) {
            return 0; // never: the stack ends before
        }
        long risen;
        try {
            risen = descend(step, depth + 1) + 1;
        } catch (StackOverflowError end) {
            risen = 0;
        }
        if (risen == LEVELS) {
            try {
                recurse(step, depth);
            } catch (StackOverflowError end) {
                Thread.onSpinWait(); // as intended
            }
        }
        return risen;
    }

    private static long recurse(Runnable step, long depth) {
        if (depth == Long.MAX_VALUE) {
            return depth; // never: the stack ends before
        }
        try {
            step.run();
        } catch (StackOverflowError end) {
            Thread.onSpinWait(); // the next level has still less stack
        }
        return recurse(step, depth + 1) + 1;
    }

    @Test
    void a_healer_looks_again() throws InterruptedException {
        StackOverflowError failed = new StackOverflowError("on purpose");

        runAtEveryDepth(() -> node.healer.healAfter(failed));

        node.healer.needed = true;
        node.healer.check();
        await().until(() -> !node.healer.needed);
    }

    /// Nothing else happens on the node: no turn ends, and no tick passes.
    @Test
    void a_call_finds_a_server_that_is_in_no_queue() {
        Pid agent = Agent.start(() -> 1).pid();
        LocalProcess server = Objects.requireNonNull(((LocalPid) agent).process());
        // The ticker and the sweep, which looks once a second, have stopped by then.
        await().pollDelay(Duration.ofMillis(1_500)).until(() -> server.run == Ownership.COLD);

        server.run = Ownership.QUEUED; // by a thread whose stack ended then
        node.healer.needed = true;

        assertThat(Sys.getState(agent, Duration.ofSeconds(20))).isEqualTo(1);
        GenServer.stop(agent);
    }

    /// Each step has a timer of its own, because an armed one is not armed again.
    @Test
    void a_shared_timer_fires_again() throws InterruptedException {
        List<Counted> timers =
                Stream.generate(() -> new Counted(node.timers)).limit(50_000).toList();
        AtomicInteger next = new AtomicInteger();

        runAtEveryDepth(() -> timers.get(next.getAndIncrement() % timers.size()).armUnlessArmed(1));

        int[] before = timers.stream().mapToInt(timer -> timer.fired.get()).toArray();
        await().until(() -> {
            timers.forEach(timer -> timer.armUnlessArmed(1));
            return IntStream.range(0, before.length)
                    .allMatch(i -> timers.get(i).fired.get() > before[i] + 1);
        });
    }

    private static final class Counted extends SharedTimer {
        private final AtomicInteger fired = new AtomicInteger();

        Counted(TimerWheel timers) {
            super(timers);
        }

        @Override
        void due() {
            fired.incrementAndGet();
        }
    }

    @Test
    void the_timer_thread_wakes_for_the_next_timer() throws InterruptedException {
        runAtEveryDepth(() -> node.timers.arm(new Alarm(() -> {}), node.timers.clock().nanoTime()));

        CountDownLatch rang = new CountDownLatch(1);
        node.timers.arm(new Alarm(rang::countDown), node.timers.clock().nanoTime());
        assertThat(rang.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private static final class Alarm extends TimerWheel.Entry {
        private final Runnable action;

        Alarm(Runnable action) {
            this.action = action;
        }

        @Override
        void fire() {
            action.run();
        }
    }
}
