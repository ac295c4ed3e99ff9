package io.genserver.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.DeadLetter;
import io.genserver.DeadLetters;
import io.genserver.ExitReason;
import io.genserver.ServerRef;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A listener or a log appender that never returns holds up no timer.
@Timeout(60)
class TimerThreadTest {

    private static final TimerWheel WHEEL = LocalNode.DEFAULT.timers;

    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final PrintStream before = System.err;

    /// A process that has its owner from the start.
    private static class Busy extends LocalProcess {
        Busy() {
            super(LocalNode.DEFAULT, null);
        }

        @Override
        String initialCall() {
            return "busy";
        }

        @Override
        void startThread() {
            throw new AssertionError("it has an owner");
        }
    }

    /// A process for which there is no memory in the run queues.
    private static final class Unlucky extends Busy {
        @Override
        void schedule() {
            throw new OutOfMemoryError("no memory, on purpose");
        }
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

    @AfterEach
    void release() {
        release.countDown();
        System.setErr(before);
    }

    /// The user's code that never returns, as far as the test is concerned.
    private void block() {
        entered.countDown();
        try {
            release.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void blockTheLog() {
        System.setErr(
                new PrintStream(
                        new OutputStream() {
                            @Override
                            public void write(int b) {
                                block();
                            }
                        },
                        true));
    }

    private static void fireSoon(Runnable action) {
        WHEEL.arm(new Alarm(action), WHEEL.clock().nanoTime());
    }

    private void assertTimersGoOn() throws InterruptedException {
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        CountDownLatch fired = new CountDownLatch(1);
        fireSoon(fired::countDown);
        assertThat(fired.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private static DeadLetters.Subscription listen(String prefix, Consumer<DeadLetter> listener) {
        return DeadLetters.listen(letter -> {
            if (String.valueOf(letter.message()).startsWith(prefix)) {
                listener.accept(letter);
            }
        });
    }

    private static void sendSoon(ServerRef to, String text) {
        MessageTimer timer = new MessageTimer(LocalNode.DEFAULT, to);
        timer.message = text;
        timer.arm(WHEEL.clock().nanoTime());
    }

    /// Ends a process while its owner holds the right to take messages. So the timer thread has to
    /// take them out.
    private static void dieWhileInUse(List<Object> messages) {
        Busy process = new Busy();
        messages.forEach(process::deliver);
        process.mailbox.takeUrgent(_ -> {
            if (!process.isDead()) {
                Thread killer = Thread.ofPlatform().start(() -> process.die(ExitReason.of("end")));
                try {
                    killer.join();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return false;
        });
    }

    @Test
    void a_listener_told_of_a_timers_message() throws Exception {
        try (var _ = listen("stuck", _ -> block())) {
            sendSoon(ServerRef.name("nobody"), "stuck");

            assertTimersGoOn();
        }
    }

    @Test
    void a_listener_told_of_what_was_left_in_a_mailbox() throws Exception {
        try (var _ = listen("left", _ -> block())) {
            dieWhileInUse(List.of("left"));

            assertTimersGoOn();
        }
    }

    @Test
    void the_log_of_a_timer_that_failed() throws Exception {
        blockTheLog();
        fireSoon(() -> {
            throw new IllegalStateException("a timer that fails, on purpose");
        });

        assertTimersGoOn();
    }

    @Test
    void the_log_of_a_process_that_cannot_be_scheduled() throws Exception {
        Unlucky process = new Unlucky();
        process.run = Ownership.COLD; // nobody runs it
        blockTheLog();
        fireSoon(process::wake);

        assertTimersGoOn();
        assertThat(process.run).isEqualTo(Ownership.QUEUED); // the healer schedules it again
    }

    @Test
    void dead_letters_of_timers_are_told_in_the_order_of_the_timers() {
        List<Object> told = new CopyOnWriteArrayList<>();
        List<Object> expected =
                IntStream.range(0, 1_000).<Object>mapToObj(i -> "late " + i).toList();
        try (var _ = listen("late", letter -> told.add(String.valueOf(letter.message())))) {
            expected.forEach(text -> sendSoon(ServerRef.name("nobody"), (String) text));

            await().until(() -> told.size() == expected.size());
            assertThat(told).isEqualTo(expected);
        }
    }

    @Test
    void what_was_left_in_a_mailbox_is_told_in_order() {
        List<Object> told = new CopyOnWriteArrayList<>();
        List<Object> expected =
                IntStream.range(0, 3_500).<Object>mapToObj(i -> "left " + i).toList();
        try (var _ = listen("left", letter -> told.add(String.valueOf(letter.message())))) {
            dieWhileInUse(expected);

            await().until(() -> told.size() == expected.size());
            assertThat(told).isEqualTo(expected);
        }
    }
}
