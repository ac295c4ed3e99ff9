package io.genserver;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.genserver.DeadLetter.Reason;
import io.genserver.test.GenServerExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A server with more to do than it can handle: limits of its mailbox, warnings, and calls whose
/// callers have given up.
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class OverloadTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    /// Keeps what it has handled, in order. Runs a task that it is sent.
    static final class Taker implements GenServer<Ok, List<Object>, Taker.Say, Object> {

        record Say(Object what) implements Call<List<Object>> {}

        @Override
        public Init<List<Object>> init(Ok ok) {
            Processes.trapExits(true);
            return Init.ok(new ArrayList<>());
        }

        @Override
        public CallResult<List<Object>> handleCall(Say say, From from, List<Object> handled) {
            handled.add(say.what());
            return reply(say, List.copyOf(handled), handled);
        }

        @Override
        public CastResult<List<Object>> handleCast(Object what, List<Object> handled) {
            handled.add(what);
            return noreply(handled);
        }

        @Override
        public CastResult<List<Object>> handleInfo(Object message, List<Object> handled)
                throws Exception {
            if (message instanceof Job job) {
                job.run();
            } else {
                handled.add(message);
            }
            return noreply(handled);
        }
    }

    private interface Job {
        void run() throws Exception;
    }

    private final CountDownLatch release = new CountDownLatch(1);
    private final List<DeadLetter> letters = new CopyOnWriteArrayList<>();
    private final DeadLetters.Subscription subscription = DeadLetters.listen(letters::add);

    @AfterEach
    void end() {
        release.countDown();
        subscription.close();
    }

    static Stream<List<StartOption>> threads() {
        return Stream.of(
                List.of(),
                List.of(StartOption.nonBlocking()),
                List.of(StartOption.ownThread()),
                List.of(StartOption.platformThread()));
    }

    private static Pid start(StartOption... options) {
        return GenServer.start(Taker::new, Ok.OK, options).pid();
    }

    private static Pid start(List<StartOption> more, StartOption... options) {
        List<StartOption> all = new ArrayList<>(more);
        all.addAll(List.of(options));
        return start(all.toArray(StartOption[]::new));
    }

    /// Keeps a server busy until the test releases it. Its mailbox is empty.
    private Pid held(Pid server) {
        CountDownLatch entered = new CountDownLatch(1);
        Job hold =
                () -> {
                    entered.countDown();
                    release.await();
                };
        Processes.send(server, hold);
        try {
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return server;
    }

    private Pid held(StartOption... options) {
        return held(start(options));
    }

    private static List<Object> call(Pid server, Object what) {
        return GenServer.call(server, new Taker.Say(what));
    }

    private static CallException failedCall(Pid server, Object what, Duration timeout) {
        return catchThrowableOfType(
                CallException.class, () -> GenServer.call(server, new Taker.Say(what), timeout));
    }

    private static void assertFull(Pid server) {
        assertThat(failedCall(server, "call", LONG).serverReason())
                .isEqualTo(ExitReason.MAILBOX_FULL);
    }

    /// Returns what a server has handled so far, not counting this.
    private static List<Object> handled(Pid server) {
        List<Object> all = call(server, "look");
        return all.subList(0, all.size() - 1);
    }

    private static void awaitEmpty(Pid server) {
        await().until(() -> Processes.mailboxLength(server).orElseThrow() == 0);
    }

    private List<DeadLetter> lettersOf(Pid server) {
        return letters.stream().filter(letter -> server.equals(letter.to())).toList();
    }

    private static void awaitWaiting(Thread thread) {
        await().atMost(10, TimeUnit.SECONDS)
                .until(() ->
                        thread.getState() == Thread.State.WAITING
                                || thread.getState() == Thread.State.TIMED_WAITING);
    }

    /// Runs something on a thread that is no process.
    private static final class Sender {
        final CompletableFuture<Object> outcome = new CompletableFuture<>();
        final Thread thread;

        Sender(Job job) {
            thread =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    job.run();
                                    outcome.complete(Ok.OK);
                                } catch (Throwable thrown) {
                                    outcome.complete(thrown);
                                }
                            });
        }

        Object outcome() throws Exception {
            return outcome.get(10, TimeUnit.SECONDS);
        }
    }

    @Nested
    class fail {

        private final StartOption two = StartOption.mailbox(2, WhenFull.fail());

        @ParameterizedTest
        @MethodSource("io.genserver.OverloadTest#threads")
        void refuses_calls_casts_and_messages_at_once(List<StartOption> where) {
            Pid server = held(start(where, two));
            GenServer.cast(server, 1);
            Processes.send(server, 2);

            CallException call = failedCall(server, 3, LONG);
            assertThat(call.serverReason()).isEqualTo(ExitReason.MAILBOX_FULL);
            assertThat(call)
                    .hasMessageContaining("because the mailbox of the server is full")
                    .hasMessageContaining(server.toString());
            assertThatThrownBy(() -> GenServer.cast(server, 4))
                    .isInstanceOfSatisfying(
                            ExitException.class,
                            exit -> assertThat(exit.reason()).isEqualTo(ExitReason.MAILBOX_FULL))
                    .hasMessageContaining("cast to " + server)
                    .hasMessageContaining("with a limit of 2: 4");
            assertThatThrownBy(() -> Processes.send(server, 5))
                    .isInstanceOf(ExitException.class)
                    .hasMessageContaining("message to " + server);
            assertThat(Processes.mailboxLength(server)).hasValue(2);

            release.countDown();
            awaitEmpty(server);
            assertThat(handled(server)).containsExactly(1, 2);
            assertThat(lettersOf(server)).isEmpty();
        }

        @Test
        void a_process_that_does_not_catch_the_refusal_of_a_cast_exits() {
            Pid server = held(two);
            GenServer.cast(server, 1);
            GenServer.cast(server, 2);

            Ref ref = Processes.spawnMonitor(() -> GenServer.cast(server, 3)).ref();

            Down down = assertReceive(Match.type(Down.class, end -> end.ref().equals(ref)), LONG);
            assertThat(down.reason()).isEqualTo(ExitReason.MAILBOX_FULL);
        }

        @Test
        void sent_requests_and_multi_calls_say_it() {
            Pid server = held(two);
            Pid idle = start();
            GenServer.cast(server, 1);
            GenServer.cast(server, 2);

            var sent = GenServer.sendRequestUntyped(server, new Taker.Say(3));
            var many = GenServer.multiCall(List.of(server, idle), new Taker.Say(4), LONG);

            assertThat(sent.receiveResponse(LONG))
                    .isEqualTo(new Response.Failed<>(ExitReason.MAILBOX_FULL, server));
            assertThat(many.failed()).containsEntry(server, ExitReason.MAILBOX_FULL);
            assertThat(many.replies()).containsKey(idle);
        }

        @Test
        void a_cast_to_several_reaches_those_with_room() {
            Pid full = held(two);
            Pid idle = start();
            GenServer.cast(full, 1);
            GenServer.cast(full, 2);

            assertThatThrownBy(() -> GenServer.abcast(List.of(full, idle), 3))
                    .isInstanceOf(ExitException.class);

            assertThat(handled(idle)).containsExactly(3);
        }

        @Test
        void there_is_room_again_after_each_turn() {
            Pid server = start(StartOption.mailbox(1, WhenFull.fail()));

            for (int i = 1; i <= 100; i++) {
                assertThat(call(server, i)).hasSize(i);
            }
        }

        @Test
        void what_the_runtime_sends_is_always_accepted_and_does_not_count() {
            Pid server = start(two);
            Sys.suspend(server);
            Processes.exit(server, ExitReason.of("signal"));
            GenServer.cast(server, 1);
            GenServer.cast(server, 2);
            assertFull(server);

            Processes.exit(server, ExitReason.of("another signal"));
            assertThat(Sys.getState(server)).isEqualTo(List.of());
            Sys.resume(server);

            assertThat(Sys.getState(server))
                    .isEqualTo(
                            List.of(
                                    new Exit(Processes.self(), ExitReason.of("signal")),
                                    1,
                                    2,
                                    new Exit(Processes.self(), ExitReason.of("another signal"))));
            GenServer.stop(server);
        }

        @Test
        void a_message_of_a_monitor_and_one_through_an_alias_are_always_accepted() {
            AtomicReference<Ref> alias = new AtomicReference<>();
            AtomicReference<Ref> monitor = new AtomicReference<>();
            Pid watched = Processes.spawn(Processes::receive);
            Pid server = start(two);
            Job prepare =
                    () -> {
                        alias.set(Processes.alias());
                        monitor.set(Processes.monitor(watched));
                    };
            Processes.send(server, prepare);
            held(server);
            GenServer.cast(server, 1);
            GenServer.cast(server, 2);

            Processes.send(alias.get(), "reply");
            Processes.exit(watched, ExitReason.KILL);
            await().until(() -> Processes.mailboxLength(server).orElseThrow() == 4);
            assertFull(server);

            release.countDown();
            assertThat(Sys.getState(server))
                    .isEqualTo(
                            List.of(
                                    1,
                                    2,
                                    "reply",
                                    new Down(monitor.get(), watched, ExitReason.KILLED)));
            for (int i = 0; i < 10; i++) {
                call(server, i); // none of them has taken or freed a place for good
            }
        }

        @Test
        void the_message_of_a_timer_is_a_dead_letter() {
            Pid server = held(two);
            GenServer.cast(server, 1);
            GenServer.cast(server, 2);

            Processes.sendAfter(server, "timed", Duration.ofMillis(1));

            await().untilAsserted(() ->
                    assertThat(lettersOf(server))
                            .containsExactly(new DeadLetter(Reason.MAILBOX_FULL, server, "timed")));
        }

        @Test
        void what_waits_when_the_server_dies_is_told_once() throws Exception {
            Pid server = held(two);
            GenServer.cast(server, 1);
            Sender caller = new Sender(() -> call(server, 2));
            await().until(() -> Processes.mailboxLength(server).orElseThrow() == 2);

            Processes.exit(server, ExitReason.KILL);

            assertThat(caller.outcome()).isInstanceOf(CallException.class);
            await().untilAsserted(() ->
                    assertThat(lettersOf(server))
                            .containsExactly(new DeadLetter(Reason.LEFT_IN_MAILBOX, server, 1)));
        }
    }

    @Nested
    class drop {

        @ParameterizedTest
        @MethodSource("io.genserver.OverloadTest#threads")
        void newest_fails_the_call_and_makes_the_cast_a_dead_letter(List<StartOption> where) {
            Pid server = held(start(where, StartOption.mailbox(2, WhenFull.dropNewest())));
            GenServer.cast(server, 1);
            GenServer.cast(server, 2);

            GenServer.cast(server, 3);
            Processes.send(server, "four");
            assertFull(server);

            assertThat(lettersOf(server))
                    .containsExactly(
                            new DeadLetter(Reason.MAILBOX_FULL, server, 3),
                            new DeadLetter(Reason.MAILBOX_FULL, server, "four"));
            release.countDown();
            awaitEmpty(server);
            assertThat(handled(server)).containsExactly(1, 2);
        }

        @ParameterizedTest
        @MethodSource("io.genserver.OverloadTest#threads")
        void oldest_makes_room_for_the_newest_while_the_server_is_busy(List<StartOption> where)
                throws Exception {
            Pid server = held(start(where, StartOption.mailbox(2, WhenFull.dropOldest())));
            GenServer.cast(server, 1);
            Sender caller = new Sender(() -> call(server, 2));
            await().until(() -> Processes.mailboxLength(server).orElseThrow() == 2);

            Processes.send(server, 3);
            assertThat(lettersOf(server))
                    .containsExactly(new DeadLetter(Reason.DROPPED_OLDEST, server, 1));
            GenServer.cast(server, 4);

            assertThat(caller.outcome())
                    .isInstanceOfSatisfying(
                            CallException.class,
                            failed ->
                                    assertThat(failed.serverReason())
                                            .isEqualTo(ExitReason.MAILBOX_FULL));
            assertThat(Processes.mailboxLength(server)).hasValue(2);
            Processes.sendAfter(server, 5, Duration.ofMillis(1));
            await().until(() -> lettersOf(server).size() == 2);
            release.countDown();
            assertThat(Sys.getState(server)).isEqualTo(List.of(4, 5));
            assertThat(lettersOf(server))
                    .containsExactly(
                            new DeadLetter(Reason.DROPPED_OLDEST, server, 1),
                            new DeadLetter(Reason.DROPPED_OLDEST, server, 3));
        }

        @Test
        void oldest_passes_over_what_the_runtime_has_sent() {
            Pid server = start(StartOption.mailbox(1, WhenFull.dropOldest()));
            Sys.suspend(server);
            Processes.exit(server, ExitReason.of("signal"));
            GenServer.cast(server, 1);
            Processes.exit(server, ExitReason.of("signal"));
            GenServer.cast(server, 2);
            GenServer.cast(server, 3);
            Exit signal = new Exit(Processes.self(), ExitReason.of("signal"));

            Sys.resume(server);

            assertThat(Sys.getState(server)).isEqualTo(List.of(signal, signal, 3));
            assertThat(lettersOf(server))
                    .containsExactly(
                            new DeadLetter(Reason.DROPPED_OLDEST, server, 1),
                            new DeadLetter(Reason.DROPPED_OLDEST, server, 2));
        }

        @Test
        void oldest_takes_what_a_selective_receive_has_passed_over() throws Exception {
            Pid server = start(StartOption.mailbox(2, WhenFull.dropOldest()));
            CompletableFuture<Object> got = new CompletableFuture<>();
            CountDownLatch entered = new CountDownLatch(1);
            Job select =
                    () -> {
                        entered.countDown();
                        got.complete(Processes.receive(Match.value("wanted")));
                    };
            Processes.send(server, select);
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
            Processes.send(server, 1);
            Processes.send(server, 2);
            Processes.send(server, 3);
            await().until(() -> lettersOf(server).size() == 1);

            Processes.send(server, "wanted");

            assertThat(got.get(10, TimeUnit.SECONDS)).isEqualTo("wanted");
            // 2 stays if the receive takes "wanted" before its sender has looked for the oldest.
            assertThat(handled(server)).isIn(List.of(3), List.of(2, 3));
        }
    }

    @Nested
    class block {

        private final StartOption two = StartOption.mailbox(2, WhenFull.block(LONG));

        private Pid full(Pid server) {
            held(server);
            GenServer.cast(server, 1);
            GenServer.cast(server, 2);
            return server;
        }

        @ParameterizedTest
        @MethodSource("io.genserver.OverloadTest#threads")
        void lets_senders_wait_for_room_in_their_order(List<StartOption> where) throws Exception {
            Pid server = held(start(where, StartOption.mailbox(1, WhenFull.block(LONG))));
            GenServer.cast(server, 1);
            List<Sender> senders = new ArrayList<>();
            for (int i = 2; i < 20; i++) {
                int number = i;
                Sender sender =
                        new Sender(
                                number % 3 == 0
                                        ? () -> call(server, number)
                                        : () -> GenServer.cast(server, number));
                awaitWaiting(sender.thread);
                senders.add(sender);
            }
            assertThat(Processes.mailboxLength(server)).hasValue(1);

            release.countDown();

            for (Sender sender : senders) {
                assertThat(sender.outcome()).isEqualTo(Ok.OK);
            }
            assertThat(handled(server))
                    .isEqualTo(IntStream.range(1, 20).<Object>mapToObj(i -> i).toList());
            assertThat(lettersOf(server)).isEmpty();
        }

        @Test
        void refuses_when_the_time_has_passed() {
            Pid server = full(start(StartOption.mailbox(2, WhenFull.block(Duration.ofMillis(20)))));

            assertFull(server);
            assertThatThrownBy(() -> GenServer.cast(server, 3))
                    .isInstanceOf(ExitException.class)
                    .hasMessageContaining("mailbox is full");
            assertThat(failedCall(server, 3, LONG).waited())
                    .isGreaterThanOrEqualTo(Duration.ofMillis(20));
            assertThat(Processes.mailboxLength(server)).hasValue(2);
        }

        @Test
        void a_call_waits_no_longer_than_its_timeout() {
            Pid server = full(start(two));

            CallException failed = failedCall(server, 3, Duration.ofMillis(30));

            assertThat(failed.serverReason()).isEqualTo(ExitReason.TIMEOUT);
            assertThat(failed.waited()).isGreaterThanOrEqualTo(Duration.ofMillis(30));
        }

        @Test
        void the_message_of_a_timer_waits_for_nothing() {
            Pid server = full(start(two));

            Processes.sendAfter(server, "timed", Duration.ofMillis(1));

            await().until(() -> lettersOf(server).size() == 1);
            assertThat(lettersOf(server).getFirst().reason()).isEqualTo(Reason.MAILBOX_FULL);
        }

        @Test
        void a_process_that_waits_can_be_killed_and_leaves_nothing() throws Exception {
            Pid server = full(start(two));
            AtomicReference<Thread> thread = new AtomicReference<>();
            Pid sender =
                    Processes.spawn(() -> {
                        thread.set(Thread.currentThread());
                        GenServer.cast(server, "from the dead");
                    });
            await().until(() -> thread.get() != null);
            awaitWaiting(thread.get());
            Sender next = new Sender(() -> GenServer.cast(server, 3));
            awaitWaiting(next.thread);

            Processes.exit(sender, ExitReason.KILL);
            assertThat(thread.get().join(Duration.ofSeconds(10))).isTrue();
            release.countDown();

            assertThat(next.outcome()).isEqualTo(Ok.OK);
            assertThat(handled(server)).containsExactly(1, 2, 3);
        }

        @Test
        void an_interrupt_ends_the_wait() throws Exception {
            Pid server = full(start(two));
            Sender sender =
                    new Sender(() -> {
                        try {
                            GenServer.cast(server, 3);
                        } finally {
                            assertThat(Thread.currentThread().isInterrupted()).isTrue();
                        }
                    });
            awaitWaiting(sender.thread);

            sender.thread.interrupt();

            assertThat(sender.outcome())
                    .isInstanceOfSatisfying(
                            ExitException.class,
                            exit -> assertThat(exit.reason()).isEqualTo(ExitReason.INTERRUPTED));
        }

        @Test
        void servers_that_wait_hold_up_no_others() {
            Pid server = full(start(two));
            List<Pid> waiting = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                Pid sender = start();
                int number = i;
                Job send = () -> GenServer.cast(server, "waited " + number);
                Processes.send(sender, send);
                waiting.add(sender);
            }
            Pid free = start();

            assertThat(call(free, "quick")).containsExactly("quick");
            assertThat(Processes.mailboxLength(server)).hasValue(2);

            release.countDown();
            waiting.forEach(OverloadTest::handled);
            assertThat(handled(server)).hasSize(52);
        }

        @Test
        void a_server_that_sends_to_itself_is_refused_at_once() throws Exception {
            Pid server = start(StartOption.mailbox(1, WhenFull.block(LONG)));
            CompletableFuture<Object> outcome = new CompletableFuture<>();
            Job sendTwice =
                    () -> {
                        GenServer.cast(server, 1);
                        try {
                            GenServer.cast(server, 2);
                        } catch (ExitException full) {
                            outcome.complete(full.reason());
                        }
                    };

            Processes.send(server, sendTwice);

            assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo(ExitReason.MAILBOX_FULL);
            assertThat(handled(server)).containsExactly(1);
        }

        @Test
        void servers_that_would_wait_for_each_other_are_refused_at_once() throws Exception {
            Pid one = start(StartOption.mailbox(1, WhenFull.block(LONG)));
            Pid other = start(StartOption.mailbox(1, WhenFull.block(LONG)));
            CountDownLatch bothBusy = new CountDownLatch(2);
            CountDownLatch bothFull = new CountDownLatch(1);
            CompletableFuture<Object> refused = new CompletableFuture<>();
            fillLater(one, other, bothBusy, bothFull, refused);
            fillLater(other, one, bothBusy, bothFull, refused);
            assertThat(bothBusy.await(10, TimeUnit.SECONDS)).isTrue();
            GenServer.cast(one, 1);
            GenServer.cast(other, 1);

            bothFull.countDown();

            assertThat(refused.get(10, TimeUnit.SECONDS)).isEqualTo(ExitReason.MAILBOX_FULL);
        }

        private static void fillLater(
                Pid server,
                Pid other,
                CountDownLatch busy,
                CountDownLatch full,
                CompletableFuture<Object> refused) {
            Job job =
                    () -> {
                        busy.countDown();
                        full.await();
                        try {
                            GenServer.cast(other, 2);
                        } catch (ExitException cycle) {
                            refused.complete(cycle.reason());
                        }
                    };
            Processes.send(server, job);
        }

        @Test
        void a_server_run_by_its_caller_is_refused_by_that_caller_at_once() throws Exception {
            Pid caller = start(StartOption.mailbox(1, WhenFull.block(LONG)));
            Pid called =
                    GenServer.start(GenServerTest.Doer::new, Ok.OK, StartOption.nonBlocking())
                            .pid();
            CompletableFuture<Object> outcome = new CompletableFuture<>();
            GenServerTest.Task castBack =
                    _ -> {
                        GenServer.cast(caller, 1);
                        try {
                            GenServer.cast(caller, 2);
                        } catch (ExitException full) {
                            outcome.complete(full.reason());
                        }
                        return "done";
                    };
            Job callOther = () -> GenServer.callUntyped(called, castBack);

            Processes.send(caller, callOther);

            assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo(ExitReason.MAILBOX_FULL);
            assertThat(handled(caller)).containsExactly(1);
        }

        @ParameterizedTest
        @MethodSource("io.genserver.OverloadTest#threads")
        void senders_go_on_when_a_server_dies_whose_thread_ignores_its_interrupt(
                List<StartOption> where) throws Exception {
            Pid server = start(where, StartOption.mailbox(1, WhenFull.block(LONG)));
            CountDownLatch entered = new CountDownLatch(1);
            Job deaf =
                    () -> {
                        entered.countDown();
                        while (release.getCount() > 0) {
                            LockSupport.parkNanos(1_000_000);
                        }
                    };
            Processes.send(server, deaf);
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
            GenServer.cast(server, 1);
            List<Sender> casts = new ArrayList<>();
            List<Sender> calls = new ArrayList<>();
            for (int i = 2; i < 8; i++) {
                int number = i;
                Sender cast = new Sender(() -> GenServer.cast(server, number));
                awaitWaiting(cast.thread);
                casts.add(cast);
                Sender call = new Sender(() -> call(server, number));
                awaitWaiting(call.thread);
                calls.add(call);
            }

            Processes.exit(server, ExitReason.KILL);

            for (Sender cast : casts) {
                assertThat(cast.outcome()).isEqualTo(Ok.OK);
            }
            for (Sender call : calls) {
                assertThat(call.outcome())
                        .isInstanceOfSatisfying(
                                CallException.class,
                                failed ->
                                        assertThat(failed.serverReason())
                                                .isEqualTo(ExitReason.KILLED));
            }
            await().untilAsserted(() ->
                    assertThat(lettersOf(server))
                            .extracting(DeadLetter::reason, DeadLetter::message)
                            .containsExactlyInAnyOrderElementsOf(
                                    IntStream.range(1, 8)
                                            .mapToObj(i -> tuple(Reason.LEFT_IN_MAILBOX, i))
                                            .toList()));
        }

        @Test
        void senders_go_on_when_the_server_dies() throws Exception {
            Pid server = full(start(two));
            Sender caster = new Sender(() -> GenServer.cast(server, 3));
            awaitWaiting(caster.thread);
            Sender caller = new Sender(() -> call(server, 4));
            awaitWaiting(caller.thread);

            Processes.exit(server, ExitReason.KILL);

            assertThat(caster.outcome()).isEqualTo(Ok.OK);
            assertThat(caller.outcome())
                    .isInstanceOfSatisfying(
                            CallException.class,
                            failed ->
                                    assertThat(failed.serverReason()).isEqualTo(ExitReason.KILLED));
            await().untilAsserted(() ->
                    assertThat(lettersOf(server))
                            .extracting(DeadLetter::message)
                            .containsExactlyInAnyOrder(1, 2, 3));
        }
    }

    @Nested
    class warning {

        private final Logs logs = Logs.of(StartOption.class);

        @AfterEach
        void close() {
            logs.close();
        }

        private List<String> warnings(Pid server) {
            return logs.with(server.toString()).stream()
                    .filter(entry -> entry.level().equals("WARN"))
                    .map(Logs.Entry::text)
                    .toList();
        }

        private static void cast(Pid server, int times) {
            for (int i = 0; i < times; i++) {
                GenServer.cast(server, i);
            }
        }

        @Test
        void comes_once_when_four_fifths_of_a_limit_are_taken(@TempDir Path folder)
                throws Exception {
            Path file = folder.resolve("mailbox.jfr");
            Pid server;
            try (Recording recording = new Recording()) {
                recording.enable("io.genserver.LongMailbox");
                recording.start();
                server =
                        held(
                                StartOption.name("overloaded"),
                                StartOption.mailbox(10, WhenFull.dropNewest()));
                cast(server, 7);
                assertThat(warnings(server)).isEmpty();

                cast(server, 9);

                recording.stop();
                recording.dump(file);
            }
            assertThat(warnings(server))
                    .singleElement()
                    .asString()
                    .contains("registered as overloaded, has 8 messages in its mailbox")
                    .contains("warns at 8");
            RecordedEvent event =
                    RecordingFile.readAllEvents(file).stream()
                            .filter(each -> each.getString("process").equals(server.toString()))
                            .findFirst()
                            .orElseThrow();
            assertThat(event.getInt("length")).isEqualTo(8);
            assertThat(event.getInt("mark")).isEqualTo(8);
        }

        @Test
        void comes_again_only_after_the_mailbox_was_less_than_half_as_long() {
            Pid server = start(StartOption.mailboxWarning(10));
            Sys.suspend(server);
            cast(server, 25);
            assertThat(warnings(server)).hasSize(1);

            Sys.resume(server);
            Sys.getState(server);
            Sys.suspend(server);
            cast(server, 9);
            assertThat(warnings(server)).hasSize(1);
            cast(server, 1);
            assertThat(warnings(server)).hasSize(2);
        }

        @Test
        void is_not_made_about_other_servers() {
            Pid server = start();
            Sys.suspend(server);

            cast(server, 10_000);

            assertThat(warnings(server)).isEmpty();
        }
    }

    @Nested
    class skipAbandonedCalls {

        @ParameterizedTest
        @MethodSource("io.genserver.OverloadTest#threads")
        void skips_the_calls_of_callers_that_have_given_up(List<StartOption> where) {
            Pid server = held(start(where, StartOption.skipAbandonedCalls()));
            failedCall(server, "timed out", Duration.ofMillis(1));
            var sent = GenServer.sendRequestUntyped(server, new Taker.Say("given up"));
            sent.receiveResponse(Duration.ofMillis(1));
            Pid dying = Processes.spawn(() -> call(server, "dead"));
            await().until(() -> Processes.mailboxLength(server).orElseThrow() == 3);
            Processes.exit(dying, ExitReason.KILL);
            await().until(() -> !Processes.isAlive(dying));
            var waited = GenServer.sendRequestUntyped(server, new Taker.Say("awaited"));

            release.countDown();

            assertThat(waited.receiveResponse(LONG).reply()).isEqualTo(List.of("awaited"));
            assertThat(lettersOf(server))
                    .extracting(DeadLetter::reason, DeadLetter::message)
                    .containsExactly(
                            tuple(Reason.ABANDONED_CALL, new Taker.Say("timed out")),
                            tuple(Reason.ABANDONED_CALL, new Taker.Say("given up")),
                            tuple(Reason.ABANDONED_CALL, new Taker.Say("dead")));
        }

        @Test
        void other_servers_handle_them() {
            Pid server = held();
            failedCall(server, "timed out", Duration.ofMillis(1));

            release.countDown();

            assertThat(handled(server)).containsExactly("timed out");
        }
    }

    @Nested
    class mailboxLength {

        @Test
        void counts_the_messages_of_any_process() {
            Pid server = held(StartOption.name("counted"));
            Pid plain = Processes.spawn(() -> Processes.receive(Match.value("end")));
            for (int i = 0; i < 5; i++) {
                GenServer.cast(server, i);
                Processes.send(plain, i);
            }

            assertThat(Processes.mailboxLength(server)).hasValue(5);
            assertThat(Processes.mailboxLength(ServerRef.name("counted"))).hasValue(5);
            assertThat(Processes.mailboxLength(Server.of(server, Taker.class))).hasValue(5);
            assertThat(Processes.mailboxLength(plain)).hasValue(5); // all are passed over
        }

        @Test
        void is_empty_for_a_process_that_does_not_exist() {
            Pid dead = Processes.spawn(Processes::receive);
            Processes.exit(dead, ExitReason.KILL);

            assertThat(Processes.mailboxLength(dead)).isEmpty();
            assertThat(Processes.mailboxLength(ServerRef.name("nobody"))).isEmpty();
        }
    }

    @Test
    void impossible_options_are_refused() {
        assertThatThrownBy(() -> StartOption.mailbox(0, WhenFull.fail()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected the limit of a mailbox to be 1 or more, got: 0");
        assertThatThrownBy(() -> StartOption.mailboxWarning(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected mailboxWarning to be 1 or more, got: 0");
        assertThatThrownBy(() -> WhenFull.block(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "expected the time limit of a full mailbox to be 0 or more, got: PT-0.001S");
    }
}
