package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.test.GenServerExtension;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ProcessesTest {

    /// Spawns a process that waits for a message.
    private static Pid waiting() {
        return Processes.spawn(Processes::receive);
    }

    @Nested
    class receive {

        @Test
        void takes_messages_in_the_order_of_arrival() {
            Processes.send(Processes.self(), "first");
            Processes.send(Processes.self(), "second");

            assertThat(Processes.receive()).isEqualTo("first");
            assertThat(Processes.receive()).isEqualTo("second");
        }

        @Test
        void leaves_what_does_not_match_in_its_place() {
            Processes.send(Processes.self(), "text");
            Processes.send(Processes.self(), 42);
            Processes.send(Processes.self(), "more");

            assertThat(Processes.receive(Integer.class)).isEqualTo(42);
            assertThat(Processes.flush()).containsExactly("text", "more");
        }

        @Test
        void gives_up_when_the_time_is_over() {
            long start = Processes.monotonicTime();

            Optional<String> message = Processes.receive(String.class, Duration.ofMillis(30));

            assertThat(message).isEmpty();
            assertThat(Processes.monotonicTime() - start).isGreaterThanOrEqualTo(30_000_000L);
        }

        @Test
        void a_match_that_throws_loses_nothing() {
            Processes.send(Processes.self(), "text");

            assertThatThrownBy(() ->
                            Processes.receive(message -> {
                                throw new IllegalStateException("bad match");
                            }))
                    .hasMessage("bad match");
            assertThat(Processes.flush()).containsExactly("text");
        }

        @Test
        void needs_a_process() throws Exception {
            String message =
                    Outside.run(
                                    () -> {
                                        try {
                                            return Processes.receive().toString();
                                        } catch (IllegalStateException refused) {
                                            return String.valueOf(refused.getMessage());
                                        }
                                    })
                            .get(10, TimeUnit.SECONDS);

            assertThat(message)
                    .contains("to be a process, but it is none")
                    .contains("Processes.attach()");
        }
    }

    @Nested
    class kill {

        @Test
        void of_a_sleeping_process_interrupts_it() throws Exception {
            CompletableFuture<String> end = new CompletableFuture<>();
            CountDownLatch asleep = new CountDownLatch(1);
            Pid sleeper =
                    Processes.spawn(() -> {
                        try {
                            asleep.countDown();
                            Thread.sleep(Duration.ofMinutes(1));
                        } catch (InterruptedException e) {
                            end.complete("interrupted");
                        }
                    });
            asleep.await();

            Processes.exit(sleeper, ExitReason.KILL);

            assertThat(Processes.isAlive(sleeper)).isFalse();
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo("interrupted");
        }

        /// Checks that a kill ends a process that is stuck. Its thread runs on but can no longer
        /// send messages.
        private static void assertKilledAtOnce(Stuck stuck) throws Exception {
            CountDownLatch inside = new CountDownLatch(1);
            CompletableFuture<ExitReason> leftOver = new CompletableFuture<>();
            Pid me = Processes.self();
            Processes.Monitored victim =
                    Processes.spawnMonitor(() -> {
                        try {
                            stuck.run(inside);
                        } catch (Exception interrupted) {
                            // user code that swallows the interrupt
                        }
                        try {
                            Processes.send(me, "after the kill");
                        } catch (ExitException dead) {
                            leftOver.complete(dead.reason());
                        }
                    });
            inside.await();

            Processes.exit(victim.pid(), ExitReason.KILL);

            assertThat(Processes.receive())
                    .isEqualTo(new Down(victim.ref(), victim.pid(), ExitReason.KILLED));
            assertThat(leftOver.get(10, TimeUnit.SECONDS)).isEqualTo(ExitReason.KILLED);
            assertThat(Processes.flush()).isEmpty();
        }

        interface Stuck {
            void run(CountDownLatch inside) throws Exception;
        }

        @Test
        void of_a_process_that_waits_for_a_socket() throws Exception {
            try (ServerSocket nobodyConnects = new ServerSocket(0)) {
                assertKilledAtOnce(inside -> {
                    inside.countDown();
                    nobodyConnects.accept();
                });
            }
        }

        @Test
        void of_a_process_that_reads_from_a_channel() throws Exception {
            Pipe pipe = Pipe.open();
            try (var _ = pipe.sink();
                    var source = pipe.source()) {
                assertKilledAtOnce(inside -> {
                    inside.countDown();
                    source.read(ByteBuffer.allocate(1));
                });
            }
        }

        @Test
        void of_a_process_that_waits_for_a_lock() throws Exception {
            ReentrantLock lock = new ReentrantLock();
            lock.lock();
            try {
                assertKilledAtOnce(inside -> {
                    inside.countDown();
                    lock.lockInterruptibly();
                });
            } finally {
                lock.unlock();
            }
        }

        @Test
        void of_a_process_that_waits_for_a_lock_it_cannot_be_interrupted_at() throws Exception {
            Semaphore lock = new Semaphore(0);
            CountDownLatch inside = new CountDownLatch(1);
            CompletableFuture<ExitReason> leftOver = new CompletableFuture<>();
            Pid me = Processes.self();
            Pid victim =
                    Processes.spawn(() -> {
                        inside.countDown();
                        lock.acquireUninterruptibly();
                        try {
                            Processes.send(me, "after the kill");
                        } catch (ExitException dead) {
                            leftOver.complete(dead.reason());
                        }
                    });
            Processes.register(victim, "victim");
            Processes.monitor(victim);
            inside.await();

            Processes.exit(victim, ExitReason.KILL);

            assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.KILLED);
            assertThat(Processes.whereis("victim")).isEmpty();
            assertThat(leftOver).isNotDone();
            lock.release();
            assertThat(leftOver.get(10, TimeUnit.SECONDS)).isEqualTo(ExitReason.KILLED);
            assertThat(Processes.flush()).isEmpty();
        }

        @Test
        void of_a_process_that_waits_for_the_reply_to_a_call() throws Exception {
            assertKilledAtOnce(inside -> {
                GenServerTest.Task neverAnswer =
                        _ -> {
                            inside.countDown();
                            return GenServerTest.Doer.NO_REPLY;
                        };
                Pid silent = GenServer.start(GenServerTest.Doer::new, Ok.OK).pid();
                GenServer.callUntyped(silent, neverAnswer, GenServer.INFINITY);
            });
        }

        @Test
        void of_a_spinning_process_is_immediate_and_its_left_over_thread_touches_nobody()
                throws Exception {
            CountDownLatch spinning = new CountDownLatch(1);
            CompletableFuture<ExitReason> leftOver = new CompletableFuture<>();
            Pid me = Processes.self();
            Pid spinner =
                    Processes.spawn(() -> {
                        spinning.countDown();
                        while (!Thread.currentThread().isInterrupted()) {
                            Thread.onSpinWait();
                        }
                        try {
                            Processes.send(me, "after the kill");
                        } catch (ExitException dead) {
                            leftOver.complete(dead.reason());
                        }
                    });
            Processes.register(spinner, "spinner");
            Ref monitor = Processes.monitor(spinner);
            spinning.await();

            Processes.exit(spinner, ExitReason.KILL);

            assertThat(assertReceive(Down.class))
                    .isEqualTo(new Down(monitor, spinner, ExitReason.KILLED));
            assertThat(Processes.whereis("spinner")).isEmpty();
            assertThat(leftOver.get(10, TimeUnit.SECONDS)).isEqualTo(ExitReason.KILLED);
            refuteReceive(String.class);
        }

        @Test
        void reaches_everyone_down_a_long_chain_of_links() {
            Pid me = Processes.self();
            Pid first =
                    Processes.spawn(() -> {
                        chain(5_000, me);
                        Processes.receive();
                    });
            Pid last = assertReceive(Pid.class);
            Processes.monitor(last);

            Processes.exit(first, ExitReason.KILL);

            assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.KILLED);
        }

        private static void chain(int left, Pid report) {
            if (left == 0) {
                Processes.send(report, Processes.self());
            } else {
                Processes.spawnLink(() -> {
                    chain(left - 1, report);
                    Processes.receive();
                });
            }
        }
    }

    @Nested
    class an_exit_signal_from_a_thread_that_is_no_process {

        @Test
        void is_not_the_receivers_own() {
            Pid target = waiting();
            Processes.Monitored trapping =
                    Processes.spawnMonitor(() -> {
                        Processes.trapExits(true);
                        Exit exit = Processes.receive(Exit.class);
                        throw new ExitException(ExitReason.of("got " + exit.from()));
                    });
            while (!Processes.info(trapping.pid()).orElseThrow().trapExits()) {
                Processes.receive(_ -> null, Duration.ofMillis(1));
            }

            Outside.run(
                            () -> {
                                Processes.exit(target, ExitReason.NORMAL);
                                Processes.exit(trapping.pid(), ExitReason.NORMAL);
                                return "sent";
                            })
                    .join();

            assertThat(assertReceive(Down.class).reason())
                    .isEqualTo(ExitReason.of("got #PID<0.0.0>"));
            assertThat(Processes.isAlive(target)).isTrue();
            Processes.exit(target, ExitReason.KILL);
        }
    }

    @Nested
    class names {

        @Test
        void are_free_before_anyone_hears_of_the_death() {
            for (int i = 0; i < 200; i++) {
                Pid named = waiting();
                Processes.register(named, "once");
                Processes.monitor(named);
                Processes.send(named, "end");
                Processes.receive(Down.class);
                assertThat(Processes.whereis("once")).isEmpty();
            }
        }

        @Test
        void are_for_one_process_each() {
            Pid first = waiting();
            Pid second = waiting();
            Processes.register(first, "mine");

            assertThatThrownBy(() -> Processes.register(second, "mine"))
                    .hasMessage("expected a free name, got: mine, which " + first + " (spawn) has");
            assertThatThrownBy(() -> Processes.register(first, "another"))
                    .hasMessageContaining("which is registered as mine");
            assertThatThrownBy(() -> Processes.register(second, " "))
                    .hasMessageStartingWith("expected a name of at least one visible character");
            Processes.exit(first, ExitReason.KILL);
            Processes.register(second, "mine");
            assertThat(Processes.whereis("mine")).contains(second);
            Processes.unregister("mine");
            assertThat(Processes.registered()).doesNotContain("mine");
            assertThatThrownBy(() -> Processes.unregister("mine"))
                    .isInstanceOf(IllegalArgumentException.class);
            Processes.exit(second, ExitReason.KILL);
        }

        @Test
        void sending_to_an_unknown_one_is_refused_but_to_a_dead_pid_is_not() {
            Pid dead = waiting();
            Processes.exit(dead, ExitReason.KILL);

            Processes.send(dead, "lost");
            assertThatThrownBy(() -> Processes.send(ServerRef.name("nobody"), "lost"))
                    .hasMessage(
                            "expected a registered name to send to, got: nobody, which no process has");
        }
    }

    @Nested
    class timers {

        @Test
        void deliver_in_the_order_of_their_times() {
            Pid me = Processes.self();
            Processes.sendAfter(me, "third", Duration.ofMillis(600));
            Processes.sendAfter(me, "first", Duration.ZERO);
            Processes.sendAfter(me, "second", Duration.ofMillis(300));

            assertThat(Processes.receive()).isEqualTo("first");
            assertThat(Processes.receive()).isEqualTo("second");
            assertThat(Processes.receive()).isEqualTo("third");
        }

        @Test
        void never_fire_early() {
            for (int i = 0; i < 20; i++) {
                long start = Processes.monotonicTime();
                Processes.sendAfter(Processes.self(), "now", Duration.ofMillis(3));
                Processes.receive();
                assertThat(Processes.monotonicTime() - start).isGreaterThanOrEqualTo(3_000_000L);
            }
        }

        @Test
        void can_be_read_and_cancelled_once() {
            Ref timer = Processes.sendAfter(Processes.self(), "never", Duration.ofMinutes(1));

            assertThat(Processes.readTimer(timer))
                    .hasValueSatisfying(left ->
                            assertThat(left)
                                    .isBetween(Duration.ofSeconds(50), Duration.ofMinutes(1)));
            assertThat(Processes.cancelTimer(timer)).isPresent();
            assertThat(Processes.cancelTimer(timer)).isEmpty();
            assertThat(Processes.readTimer(timer)).isEmpty();
        }

        @Test
        void at_the_earliest_and_the_latest_time_there_is() {
            Processes.sendAt(Processes.self(), "past", Long.MIN_VALUE);
            Ref latest = Processes.sendAt(Processes.self(), "future", Long.MAX_VALUE);

            assertThat(assertReceive(String.class)).isEqualTo("past");
            assertThat(Processes.readTimer(latest).orElseThrow()).isGreaterThan(YEARS_100);
            assertThat(Processes.cancelTimer(latest).orElseThrow()).isGreaterThan(YEARS_100);
        }

        @Test
        void for_longer_than_is_counted_are_armed_all_the_same() {
            Ref timer =
                    Processes.sendAfter(
                            Processes.self(), "far away", Duration.ofSeconds(Long.MAX_VALUE));

            assertThat(Processes.readTimer(timer).orElseThrow()).isGreaterThan(YEARS_100);
            assertThat(Processes.cancelTimer(timer)).isPresent();
            assertThat(Processes.cancelTimer(timer)).isEmpty();
        }

        private static final Duration YEARS_100 = Duration.ofDays(36_500);

        @Test
        void for_a_pid_of_another_node_are_refused_and_hurt_no_other_timer() {
            Pid foreign =
                    new io.genserver.spi.ProcessId(1) {
                        @Override
                        public String node() {
                            return "elsewhere";
                        }

                        @Override
                        public long incarnation() {
                            return 0;
                        }
                    };

            assertThatThrownBy(() -> Processes.sendAfter(foreign, "x", Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a pid of this node");
        }

        @Test
        void can_be_set_for_a_time_of_the_clock() {
            long soon = Processes.monotonicTime() + 2_000_000L;
            Processes.sendAt(Processes.self(), "at", soon);
            Ref past = Processes.startTimerAt(Processes.self(), "past", soon - 10_000_000_000L);

            assertThat(assertReceive(io.genserver.Timeout.class))
                    .isEqualTo(new io.genserver.Timeout(past, "past"));
            assertReceive("at");
            assertThat(Processes.monotonicTime()).isGreaterThanOrEqualTo(soon);
        }

        @Test
        void are_cancelled_with_the_process_they_are_for() {
            Pid target = waiting();
            Ref first = Processes.sendAfter(target, "x", Duration.ofMinutes(1));
            Ref second = Processes.sendAfter(target, "y", Duration.ofMinutes(1));
            Ref cancelled = Processes.sendAfter(target, "z", Duration.ofMinutes(1));
            Processes.cancelTimer(cancelled);
            Processes.exit(target, ExitReason.KILL);

            assertThat(Processes.readTimer(first)).isEmpty();
            assertThat(Processes.readTimer(second)).isEmpty();
            Ref late = Processes.sendAfter(target, "x", Duration.ofMinutes(1));
            assertThat(Processes.readTimer(late)).isEmpty();
        }

        @Test
        void a_sleep_leaves_the_mailbox_alone_and_ends_with_the_process() throws Exception {
            Processes.send(Processes.self(), "kept");
            long start = Processes.monotonicTime();
            Processes.sleep(Duration.ofMillis(3));
            assertThat(Processes.monotonicTime() - start).isGreaterThanOrEqualTo(3_000_000L);
            assertThat(Processes.flush()).containsExactly("kept");

            CompletableFuture<ExitReason> end = new CompletableFuture<>();
            CountDownLatch asleep = new CountDownLatch(1);
            Pid sleeper =
                    Processes.spawn(() -> {
                        try {
                            asleep.countDown();
                            Processes.sleep(GenServer.INFINITY);
                        } catch (ExitException dead) {
                            end.complete(dead.reason());
                        }
                    });
            asleep.await();
            Processes.exit(sleeper, ExitReason.SHUTDOWN);
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(ExitReason.SHUTDOWN);
        }

        @Test
        void tell_which_timer_it_was() {
            Ref timer = Processes.startTimer(Processes.self(), "tick", Duration.ofMillis(1));

            assertThat(assertReceive(io.genserver.Timeout.class))
                    .isEqualTo(new io.genserver.Timeout(timer, "tick"));
        }
    }

    @Nested
    class monitors {

        @Test
        void tell_of_the_end_each() {
            Pid target = waiting();
            Ref first = Processes.monitor(target);
            Ref second = Processes.monitor(target);

            Processes.send(target, "end");

            assertThat(assertReceive(Down.class))
                    .isEqualTo(new Down(first, target, ExitReason.NORMAL));
            assertThat(assertReceive(Down.class))
                    .isEqualTo(new Down(second, target, ExitReason.NORMAL));
        }

        @Test
        void by_name_tell_the_name() {
            Pid target = waiting();
            Processes.register(target, "watched");
            Ref monitor = Processes.monitor(ServerRef.name("watched"));

            Processes.exit(target, ExitReason.KILL);

            assertThat(assertReceive(Down.class))
                    .isEqualTo(new Down(monitor, ServerRef.name("watched"), ExitReason.KILLED));
        }

        @Test
        void on_nobody_say_noproc_at_once() {
            Processes.monitor(ServerRef.name("nobody"));

            assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.NOPROC);
        }

        @Test
        void that_are_removed_with_a_flush_leave_nothing_behind() {
            Pid target = waiting();
            Ref monitor = Processes.monitor(target);
            Processes.exit(target, ExitReason.KILL);

            assertThat(Processes.demonitorFlush(monitor)).isFalse();
            assertThat(Processes.demonitor(monitor)).isFalse();
            assertThat(Processes.flush()).isEmpty();
        }

        @Test
        void are_set_together_with_a_spawn() {
            Processes.Monitored spawned = Processes.spawnMonitor(() -> {});

            assertThat(assertReceive(Down.class))
                    .isEqualTo(new Down(spawned.ref(), spawned.pid(), ExitReason.NORMAL));
        }
    }

    @Nested
    class attach {

        @Test
        void makes_a_thread_a_process_until_it_is_closed() throws Exception {
            Pid me = Processes.self();
            Thread thread =
                    Thread.ofPlatform()
                            .start(() -> {
                                try (Attachment attached = Processes.attach()) {
                                    Processes.send(me, attached.pid());
                                    Processes.send(me, Processes.receive());
                                }
                            });
            Pid other = assertReceive(Pid.class);
            Processes.monitor(other);

            Processes.send(other, "hello");

            assertReceive("hello");
            assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.NORMAL);
            thread.join();
        }

        @Test
        void twice_is_refused() {
            assertThatThrownBy(Processes::attach)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(Processes.self().toString());
        }
    }

    @Test
    void pids_and_references_print_as_on_the_beam() {
        assertThat(Processes.self().toString()).matches("#PID<0\\.\\d+\\.0>");
        assertThat(Processes.monitor(Processes.self()).toString())
                .matches("#Reference<0\\.\\d+\\.\\d+\\.\\d+>");
    }

    @Test
    void info_shows_what_a_process_waits_for_and_what_it_has_not_handled() {
        Pid target = Processes.spawn(() -> Processes.receive(Match.value("end")));
        Processes.send(target, "one");
        Processes.send(target, "two");

        assertThat(Processes.info(target).orElseThrow().messages()).containsExactly("one", "two");
        await().untilAsserted(() -> {
            ProcessInfo info = Processes.info(target).orElseThrow();
            assertThat(info.status()).isEqualTo(ProcessInfo.Status.WAITING);
            assertThat(info.messages()).containsExactly("one", "two");
            assertThat(info.messageQueueLength()).isEqualTo(2);
            assertThat(info.currentStacktrace().toString()).contains("receive");
        });
        Processes.send(target, "end");
    }

    @Test
    void info_shows_a_process_from_outside() {
        Pid target = waiting();
        Processes.register(target, "shown");
        Processes.link(target);
        Processes.monitor(target);

        ProcessInfo info = Processes.info(target).orElseThrow();

        assertThat(info.registeredName()).contains("shown");
        assertThat(info.links()).containsExactly(Processes.self());
        assertThat(info.monitoredBy()).containsExactly(Processes.self());
        assertThat(info.trapExits()).isFalse();
        assertThat(info.messages()).isEmpty();
        assertThat(Processes.list()).contains(target, Processes.self());
        Processes.unlink(target);
        Processes.exit(target, ExitReason.KILL);
        assertThat(Processes.info(target)).isEmpty();
        assertThat(Processes.list()).doesNotContain(target);
    }

    @Test
    void a_match_that_receives_itself_takes_nothing_but_what_matched() {
        Pid self = Processes.self();
        for (String letter : List.of("a", "b", "c", "d")) {
            Processes.send(self, letter);
        }

        String both =
                Processes.receive(message -> {
                    if (!message.equals("a")) {
                        return null;
                    }
                    return message
                            + Processes.<String>receive(
                                    inner -> inner.equals("b") ? (String) inner : null);
                });

        assertThat(both).isEqualTo("ab");
        assertThat(Processes.flush()).containsExactly("c", "d");
    }

    @Test
    void a_request_is_answered_although_its_process_is_killed_while_a_match_looks_at_another()
            throws Exception {
        CountDownLatch looks = new CountDownLatch(1);
        CountDownLatch killed = new CountDownLatch(1);
        Pid process =
                Processes.spawn(() ->
                        Processes.receive(message -> {
                            looks.countDown();
                            try {
                                killed.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            return message;
                        }));
        Processes.send(process, "message");
        assertThat(looks.await(20, TimeUnit.SECONDS)).isTrue();
        RequestId<@Nullable Object> request = GenServer.sendRequestUntyped(process, "request");

        Processes.exit(process, ExitReason.KILL);
        killed.countDown();

        assertThat(request.receiveResponse(Duration.ofSeconds(20)))
                .isEqualTo(new Response.Failed<>(ExitReason.KILLED, process));
    }
}
