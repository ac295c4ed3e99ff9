package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.supervisor.ProcessRegistry;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import io.genserver.test.VirtualTime;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.MDC;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class SendEveryTest {

    private static final Duration PERIOD = Duration.ofMillis(5);
    private static final Duration HOUR = Duration.ofHours(1);

    /// Longer than many periods.
    private static final Duration LONG = PERIOD.multipliedBy(12);

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    /// A server that tells the test of each message and its log context.
    static final class Teller implements GenServer<Pid, Pid, Object, Object> {
        @Override
        public Init<Pid> init(Pid test) {
            return Init.ok(test);
        }

        @Override
        public CastResult<Pid> handleInfo(Object message, Pid test) {
            Processes.send(test, List.of(message, String.valueOf(MDC.get("request"))));
            return CastResult.noreply(test);
        }
    }

    private static int waiting(Pid pid) {
        return Processes.info(pid).orElseThrow().messageQueueLength();
    }

    private static Pid idle() {
        return Processes.spawn(() -> Processes.sleep(HOUR));
    }

    private static void tick(int count) {
        for (int i = 0; i < count; i++) {
            assertThat(Processes.receive(String.class, Duration.ofSeconds(10))).contains("tick");
        }
    }

    @ParameterizedTest
    @EnumSource(Pace.class)
    void comes_again_and_again_and_never_early(Pace pace) {
        long start = Processes.monotonicTime();

        Ref timer = Processes.sendEvery(Processes.self(), "tick", PERIOD, pace);

        for (int i = 1; i <= 10; i++) {
            tick(1);
            assertThat(Processes.monotonicTime() - start)
                    .isGreaterThanOrEqualTo(i * PERIOD.toNanos());
        }
        Processes.cancelTimer(timer);
    }

    @ParameterizedTest
    @EnumSource(Pace.class)
    void never_has_two_messages_in_the_mailbox(Pace pace) {
        Pid slow = idle();
        Processes.sendEvery(slow, "tick", PERIOD, pace);
        Processes.sendEvery(slow, "tock", PERIOD, pace);
        await().until(() -> waiting(slow) == 2);

        Processes.sleep(LONG);

        assertThat(Processes.info(slow).orElseThrow().messages())
                .containsExactlyInAnyOrder("tick", "tock");
    }

    @Test
    void does_not_pile_up_in_a_suspended_server_and_goes_on_when_it_is_resumed() {
        Pid server = GenServer.start(Teller::new, Processes.self()).pid();
        Sys.suspend(server);
        Processes.sendEvery(server, "tick", PERIOD, Pace.FIXED_RATE);
        await().until(() -> waiting(server) == 1);
        Processes.sleep(LONG);
        assertThat(waiting(server)).isEqualTo(1);

        Sys.resume(server);

        for (int i = 0; i < 3; i++) {
            assertReceive(List.of("tick", "null"));
        }
        GenServer.stop(server);
    }

    @Test
    @VirtualTime
    void keeps_to_the_multiples_of_its_period_at_a_fixed_rate() {
        Duration period = Duration.ofMillis(200);
        long before = Processes.monotonicTime();
        Ref timer = Processes.sendEvery(Processes.self(), "tick", period, Pace.FIXED_RATE);
        long after = Processes.monotonicTime();
        Processes.sleep(
                Duration.ofMillis(450)); // the first comes at 200, the one at 400 is skipped

        long read;
        long next;
        do {
            tick(1);
            read = Processes.monotonicTime();
            Duration left = Processes.readTimer(timer).orElseThrow();
            next = left.isZero() ? 0 : Processes.monotonicTime() + left.toNanos();
        } while (next == 0); // the machine was so busy that the next one is in the mailbox
        long reading = Processes.monotonicTime() - read;

        assertThat((next - before) % period.toNanos())
                .isLessThanOrEqualTo(after - before + reading);
        Processes.cancelTimer(timer);
    }

    @Test
    @VirtualTime
    void counts_from_the_message_before_with_a_fixed_delay() {
        Duration period = Duration.ofMillis(100);
        Ref timer = Processes.sendEvery(Processes.self(), "tick", period, Pace.FIXED_DELAY);
        Processes.sleep(Duration.ofMillis(250));
        assertThat(Processes.readTimer(timer)).contains(Duration.ZERO); // it is in the mailbox

        long before = Processes.monotonicTime();
        tick(1);
        tick(1);

        assertThat(Processes.monotonicTime() - before).isGreaterThanOrEqualTo(period.toNanos());
        Processes.cancelTimer(timer);
    }

    @Test
    void stays_in_the_mailbox_while_a_selective_receive_passes_over_it() {
        Pid me = Processes.self();
        Ref timer = Processes.sendEvery(me, "tick", PERIOD, Pace.FIXED_DELAY);
        await().until(() -> waiting(me) == 1);
        Processes.receive(Integer.class, LONG);

        assertThat(Processes.flush()).containsExactly("tick");
        tick(2);
        Processes.cancelTimer(timer);
    }

    @Test
    void can_be_read_and_cancelled_once_and_sends_nothing_after_that() {
        for (int i = 0; i < 100; i++) {
            Ref timer =
                    Processes.sendEvery(
                            Processes.self(), "tick", Duration.ofNanos(1), Pace.FIXED_RATE);
            tick(1);
            assertThat(Processes.readTimer(timer)).isPresent();

            assertThat(Processes.cancelTimer(timer)).isPresent();

            Processes.flush();
            assertThat(Processes.cancelTimer(timer)).isEmpty();
            assertThat(Processes.readTimer(timer)).isEmpty();
            assertThat(Processes.receive(String.class, Duration.ofMillis(2))).isEmpty();
        }
    }

    @Test
    void reads_the_time_to_the_next_message() {
        Ref timer = Processes.sendEvery(Processes.self(), "tick", HOUR, Pace.FIXED_RATE);

        assertThat(Processes.readTimer(timer).orElseThrow()).isBetween(HOUR.minusSeconds(30), HOUR);
        assertThat(Processes.cancelTimer(timer).orElseThrow())
                .isBetween(HOUR.minusSeconds(30), HOUR);
        Ref never =
                Processes.sendEvery(Processes.self(), "tick", GenServer.INFINITY, Pace.FIXED_RATE);
        assertThat(Processes.cancelTimer(never).orElseThrow()).isGreaterThan(HOUR);
    }

    @Test
    void ends_with_its_receiver() {
        Pid receiver = idle();
        Ref timer = Processes.sendEvery(receiver, "tick", PERIOD, Pace.FIXED_RATE);

        Processes.exit(receiver, ExitReason.KILL);

        assertThat(Processes.readTimer(timer)).isEmpty();
    }

    @Test
    void ends_with_its_receiver_although_a_message_is_in_the_mailbox() {
        Pid receiver = idle();
        Ref timer = Processes.sendEvery(receiver, "tick", PERIOD, Pace.FIXED_RATE);
        await().until(() -> waiting(receiver) == 1);

        Processes.exit(receiver, ExitReason.KILL);

        assertThat(Processes.readTimer(timer)).isEmpty();
    }

    @Test
    void ends_with_the_process_that_started_it() {
        Pid me = Processes.self();
        Pid starter =
                Processes.spawn(() -> {
                    Ref timer = Processes.sendEvery(me, "tick", PERIOD, Pace.FIXED_RATE);
                    Processes.send(me, timer);
                    Processes.sleep(HOUR);
                });
        Ref timer = assertReceive(Ref.class);
        tick(2);

        Processes.exit(starter, ExitReason.SHUTDOWN);

        assertThat(Processes.readTimer(timer)).isEmpty();
        Processes.flush();
        refuteReceive(Match.type(String.class), LONG);
    }

    @Test
    void of_a_thread_that_is_no_process_goes_on_after_the_thread_until_it_is_cancelled()
            throws Exception {
        Pid me = Processes.self();
        AtomicReference<Ref> timer = new AtomicReference<>();
        Thread thread =
                Thread.ofVirtual()
                        .start(() ->
                                timer.set(
                                        Processes.sendEvery(me, "tick", PERIOD, Pace.FIXED_RATE)));
        thread.join();

        tick(3);

        assertThat(Processes.cancelTimer(timer.get())).isPresent();
        Processes.flush();
        refuteReceive(Match.type(String.class), LONG);
    }

    @Test
    void to_a_dead_process_is_one_dead_letter_and_has_ended() throws Exception {
        Pid dead = Processes.spawn(() -> {});
        await().until(() -> !Processes.isAlive(dead));
        List<DeadLetter> letters = new CopyOnWriteArrayList<>();
        try (DeadLetters.Subscription _ = DeadLetters.listen(letters::add)) {
            Object tick = new Object();

            Ref timer = Processes.sendEvery(dead, tick, PERIOD, Pace.FIXED_RATE);

            assertThat(Processes.readTimer(timer)).isEmpty();
            await().until(() -> letters.stream().anyMatch(one -> tick.equals(one.message())));
            Processes.sleep(LONG);
            assertThat(letters.stream().filter(one -> tick.equals(one.message()))).hasSize(1);
        }
    }

    @Test
    void to_a_name_skips_while_nobody_has_it_and_goes_on_with_the_next_that_has() {
        Name name = ServerRef.name("every");
        List<Object> lost = new CopyOnWriteArrayList<>();
        Object tick = new Object();
        try (DeadLetters.Subscription _ =
                DeadLetters.listen(letter -> lost.add(String.valueOf(letter.message())))) {
            Ref timer = Processes.sendEvery(name, tick, PERIOD, Pace.FIXED_RATE);
            await().until(() -> Collections.frequency(lost, tick.toString()) >= 3);
            Pid first =
                    GenServer.start(Teller::new, Processes.self(), StartOption.name("every")).pid();
            assertReceive(List.of(tick, "null"));
            Sys.suspend(first);
            await().until(() -> waiting(first) == 1);

            Processes.exit(first, ExitReason.KILL); // with a message in its mailbox
            await().until(() -> GenServer.whereis(name).isEmpty());
            Processes.flush();
            Pid second =
                    GenServer.start(Teller::new, Processes.self(), StartOption.name("every")).pid();

            assertReceive(List.of(tick, "null"));
            assertThat(Processes.cancelTimer(timer)).isPresent();
            GenServer.stop(second);
        }
    }

    @Test
    @VirtualTime
    void to_a_via_name_is_resolved_each_time() {
        ProcessRegistry<String, Integer> registry = ProcessRegistry.unique("SendEveryTest");
        test.startSupervised(registry.childSpec());
        Ref timer = Processes.sendEvery(registry.via("key"), "tick", PERIOD, Pace.FIXED_DELAY);
        Processes.sleep(LONG);

        registry.register("key", 1);

        tick(3);
        assertThat(Processes.cancelTimer(timer)).isPresent();
    }

    @Test
    void brings_the_log_context_of_its_starter_each_time() {
        Pid server = GenServer.start(Teller::new, Processes.self()).pid();
        MDC.setContextMap(Map.of("request", "r1"));
        Ref timer = Processes.sendEvery(server, "tick", PERIOD, Pace.FIXED_RATE);
        MDC.clear();

        assertReceive(List.of("tick", "r1"));
        assertReceive(List.of("tick", "r1"));
        Processes.cancelTimer(timer);
        GenServer.stop(server);
    }

    /// In a thousand rounds, the receiver may take a message while another thread cancels the
    /// timer.
    @Test
    void cancelled_while_it_fires_and_is_taken_ends_for_good() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            Ref timer =
                    Processes.sendEvery(
                            Processes.self(), "tick", Duration.ofNanos(1), Pace.FIXED_DELAY);
            Thread canceller = Thread.ofVirtual().start(() -> Processes.cancelTimer(timer));
            while (canceller.isAlive()) {
                Processes.receive(String.class, Duration.ZERO);
            }
            canceller.join();
            Processes.flush();
            assertThat(Processes.readTimer(timer)).isEmpty();
        }
        refuteReceive(Match.type(String.class), LONG);
    }

    private static int receiveAtEachDepth(int depth) {
        Processes.receive(String.class, Duration.ZERO);
        return depth < Integer.MAX_VALUE ? receiveAtEachDepth(depth + 1) + 1 : depth;
    }

    @Test
    void goes_on_although_the_stack_of_its_receiver_has_ended() {
        Ref timer =
                Processes.sendEvery(
                        Processes.self(), "tick", Duration.ofNanos(1), Pace.FIXED_DELAY);
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> receiveAtEachDepth(0)).isInstanceOf(StackOverflowError.class);

            tick(2);
        }
        Processes.cancelTimer(timer);
    }

    @Test
    void with_a_period_of_no_time_is_refused() {
        for (Duration period : List.of(Duration.ZERO, Duration.ofMillis(-1))) {
            assertThatThrownBy(() ->
                            Processes.sendEvery(Processes.self(), "x", period, Pace.FIXED_RATE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected a timer's period to be more than 0, got: " + period);
        }
    }
}
