package io.genserver;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.MDC;

/// Servers started with [StartOption#nonBlocking()]. Their turns run on the threads of the senders.
/// `ConformanceTest` checks in both modes what holds for all servers.
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class NonBlockingTest {

    private static Pid doer(StartOption... more) {
        List<StartOption> options = new ArrayList<>(List.of(more));
        options.add(StartOption.nonBlocking());
        return GenServer.start(GenServerTest.Doer::new, Ok.OK, options.toArray(StartOption[]::new))
                .pid();
    }

    private static @Nullable Object ask(ServerRef server, GenServerTest.Task task) {
        return GenServer.callUntyped(server, task);
    }

    /// Keeps what it is cast, and makes the calls and casts that it is told to make.
    static final class Notes implements GenServer<Ok, List<Object>, Notes.All, Object> {
        record All() implements Call<List<Object>> {}

        @Override
        public Init<List<Object>> init(Ok ok) {
            return Init.ok(new ArrayList<>());
        }

        @Override
        public CallResult<List<Object>> handleCall(All all, From from, List<Object> notes) {
            return reply(all, List.copyOf(notes), notes);
        }

        @Override
        public CastResult<List<Object>> handleCast(Object note, List<Object> notes) {
            if (note instanceof Runnable action) {
                action.run();
            } else {
                notes.add(note);
            }
            return noreply(notes);
        }

        @Override
        public CastResult<List<Object>> handleInfo(Object message, List<Object> notes) {
            notes.add(message);
            return noreply(notes);
        }

        static Pid begin() {
            return GenServer.start(Notes::new, Ok.OK, StartOption.nonBlocking()).pid();
        }

        static List<Object> of(Pid server) {
            return GenServer.call(server, new All());
        }
    }

    @Test
    void a_call_runs_on_the_callers_thread_under_the_servers_identity() throws Exception {
        Pid server = doer();

        assertThat(ask(server, _ -> Thread.currentThread())).isSameAs(Thread.currentThread());
        assertThat(ask(server, _ -> Processes.self())).isEqualTo(server);
        assertThat(Processes.self()).isNotEqualTo(server);
        CompletableFuture<Boolean> outside =
                Outside.run(
                        () -> ask(server, _ -> Thread.currentThread()) == Thread.currentThread());
        assertThat(outside.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void the_dictionary_is_the_servers() {
        Pid server = doer();
        Processes.put("whose", "the test's");

        ask(server, _ -> Processes.put("whose", "the server's"));

        assertThat(ask(server, _ -> Processes.dictionary()))
                .isEqualTo(Map.of("whose", "the server's"));
        assertThat(Processes.dictionary()).isEqualTo(Map.of("whose", "the test's"));
    }

    @Test
    void the_log_context_is_the_servers_and_afterwards_the_callers() {
        Pid server = doer();
        MDC.put("request", "17");
        try {
            Map<String, String> before = new HashMap<>(MDC.getCopyOfContextMap());

            Object inside =
                    ask(
                            server,
                            _ -> {
                                Map<String, String> now = Map.copyOf(MDC.getCopyOfContextMap());
                                MDC.put("left", "behind");
                                return now;
                            });

            assertThat(inside).isEqualTo(Map.of("request", "17"));
            assertThat(MDC.getCopyOfContextMap()).isEqualTo(before);
        } finally {
            MDC.clear();
        }
    }

    @Test
    void messages_of_one_sender_arrive_in_order_however_they_are_sent() {
        Pid server = Notes.begin();
        List<Object> sent = new ArrayList<>();

        for (int i = 0; i < 1_000; i++) {
            Object note = i;
            sent.add(note);
            if (i % 2 == 0) {
                GenServer.cast(server, note);
            } else {
                Processes.send(server, note);
            }
        }

        assertThat(Notes.of(server)).isEqualTo(sent);
    }

    @Test
    void one_turn_at_a_time_whoever_calls() throws Exception {
        Pid server = doer();
        long[] count = new long[1]; // accessed only in turns, without a lock
        int callers = 8;
        int calls = 20_000;
        List<CompletableFuture<Void>> ends = new ArrayList<>();

        for (int i = 0; i < callers; i++) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            Runnable body =
                    () -> {
                        for (int j = 0; j < calls; j++) {
                            ask(server, _ -> count[0]++);
                        }
                        end.complete(null);
                    };
            if (i % 2 == 0) {
                Processes.spawn(body::run);
            } else {
                Thread.ofPlatform().start(body);
            }
        }
        for (CompletableFuture<Void> end : ends) {
            end.get(50, TimeUnit.SECONDS);
        }

        assertThat(ask(server, _ -> count[0])).isEqualTo((long) callers * calls);
    }

    @Test
    void a_throw_ends_the_server_and_the_caller_gets_the_exit() {
        Pid server = doer();
        Ref monitor = Processes.monitor(server);

        CallException failure =
                catchThrowableOfType(
                        CallException.class,
                        () ->
                                ask(
                                        server,
                                        _ -> {
                                            throw new IllegalStateException("oops");
                                        }));

        assertThat(failure.serverReason().cause()).hasMessage("oops");
        assertThat(Processes.isAlive(Processes.self())).isTrue();
        assertThat(assertReceive(Down.class).ref()).isEqualTo(monitor);
    }

    @Test
    void a_cast_that_crashes_the_server_does_not_hurt_the_sender() {
        Pid server = Notes.begin();
        Runnable crash =
                () -> {
                    throw new IllegalStateException("oops");
                };

        GenServer.cast(server, crash);

        await().untilAsserted(() -> assertThat(Processes.isAlive(server)).isFalse());
        assertThat(Processes.isAlive(Processes.self())).isTrue();
    }

    @Test
    void a_turn_that_overflows_the_stack_crashes_the_server_alone() {
        Pid server = doer();

        CallException failure =
                catchThrowableOfType(CallException.class, () -> ask(server, _ -> endless(0)));

        assertThat(failure.serverReason().cause()).isInstanceOf(StackOverflowError.class);
    }

    @SuppressWarnings("InfiniteRecursion") // to overflow the stack
    private static int endless(int depth) {
        return 1 + endless(depth + 1);
    }

    @Test
    void a_caller_killed_in_the_turn_dies_and_the_turn_ends_undisturbed() throws Exception {
        Pid server = doer();
        CountDownLatch inTurn = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean wentOn = new AtomicBoolean();
        Pid caller =
                Processes.spawn(() -> {
                    ask(
                            server,
                            _ -> {
                                inTurn.countDown();
                                return goOn.await(20, TimeUnit.SECONDS);
                            });
                    wentOn.set(true);
                });
        Ref monitor = Processes.monitor(caller);
        assertThat(inTurn.await(20, TimeUnit.SECONDS)).isTrue();

        Processes.exit(caller, ExitReason.KILL);

        assertThat(assertReceive(Down.class))
                .isEqualTo(new Down(monitor, caller, ExitReason.KILLED));
        goOn.countDown();
        assertThat(ask(server, _ -> "alive")).isEqualTo("alive");
        assertThat(wentOn).isFalse();
    }

    @Test
    void a_server_killed_in_a_turn_is_interrupted_and_its_caller_gets_the_exit_undisturbed()
            throws Exception {
        Pid server = doer();
        CountDownLatch inTurn = new CountDownLatch(1);
        CompletableFuture<String> seen = new CompletableFuture<>();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Processes.spawn(() -> {
            try {
                ask(
                        server,
                        _ -> {
                            inTurn.countDown();
                            Thread.sleep(Duration.ofSeconds(50));
                            return "woke up by itself";
                        });
            } catch (CallException failed) {
                seen.complete(failed.serverReason().toString());
            }
            interrupted.complete(Thread.currentThread().isInterrupted());
        });
        assertThat(inTurn.await(20, TimeUnit.SECONDS)).isTrue();

        Processes.exit(server, ExitReason.KILL);

        assertThat(seen.get(20, TimeUnit.SECONDS)).isEqualTo("killed");
        assertThat(interrupted.get(20, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void a_linked_caller_that_does_not_trap_exits_ends_with_the_server() {
        Processes.spawnMonitor(() -> {
            Pid server =
                    GenServer.startLink(GenServerTest.Doer::new, Ok.OK, StartOption.nonBlocking())
                            .pid();
            ask(
                    server,
                    _ -> {
                        throw new ExitException(ExitReason.of("gone"));
                    });
        });

        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.of("gone"));
    }

    @Test
    void an_interrupt_of_the_caller_does_not_reach_the_turn_and_is_not_lost() {
        Pid server = doer();
        Pid other = GenServer.start(GenServerTest.Doer::new, Ok.OK).pid();
        Thread.currentThread().interrupt();

        Object answer = ask(server, _ -> ask(other, _ -> "answer"));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(answer).isEqualTo("answer");
    }

    @Test
    void an_exit_that_comes_back_over_a_link_ends_a_process_that_calls_only_such_servers() {
        Pid server = doer();
        Pid linked = doer();
        Processes.spawnMonitor(() -> {
            Processes.link(linked);
            Processes.exit(linked, ExitReason.of("boom"));
            while (true) {
                ask(server, _ -> "on and on");
            }
        });

        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.of("boom"));
    }

    /// Small stacks and several attempts, because the frame that overflows depends on what the JVM
    /// has compiled.
    @Test
    void a_recursion_of_the_callers_leaves_no_server_that_never_answers() throws Exception {
        for (int i = 0; i < 10; i++) {
            CompletableFuture.runAsync(
                            NonBlockingTest::overflow,
                            task -> new Thread(null, task, "deep", 256 * 1024).start())
                    .get(30, TimeUnit.SECONDS);
        }
    }

    private static void overflow() {
        try (Attachment self = Processes.attach()) {
            Pid server = doer();
            Ref monitor = Processes.monitor(server);

            assertThatThrownBy(() -> callDeeper(server)).isInstanceOf(Throwable.class);

            assertThat(Processes.self()).isEqualTo(self.pid());
            CallException ended =
                    catchThrowableOfType(
                            CallException.class,
                            () -> assertThat(ask(server, _ -> "alive")).isEqualTo("alive"));
            if (ended != null) { // the stack overflowed in its turn, not in the caller's own frame
                assertThat(ended.serverReason()).isNotEqualTo(ExitReason.TIMEOUT);
                assertThat(Processes.receive(Down.class).ref()).isEqualTo(monitor);
            }
        }
    }

    @SuppressWarnings("InfiniteRecursion") // to overflow the stack
    private static int callDeeper(Pid server) {
        ask(server, _ -> "answer");
        return 1 + callDeeper(server);
    }

    @Test
    void a_chain_of_calls_through_thousands_of_servers_does_not_overflow_the_stack() {
        Pid last = doer();
        Pid next = last;
        for (int i = 0; i < 5_000; i++) {
            next = forwarder(next);
        }

        assertThat(ask(next, _ -> Processes.self())).isEqualTo(last);
    }

    private static Pid forwarder(Pid next) {
        return GenServer.start(() -> new Forwarder(next), Ok.OK, StartOption.nonBlocking()).pid();
    }

    /// Calls the next server.
    static final class Forwarder implements GenServer<Ok, Pid, GenServerTest.Task, Object> {
        private final Pid next;

        Forwarder(Pid next) {
            this.next = next;
        }

        @Override
        public Init<Pid> init(Ok ok) {
            return Init.ok(next);
        }

        @Override
        public CallResult<Pid> handleCall(GenServerTest.Task task, From from, Pid next) {
            return CallResult.replyUntyped(ask(next, task), next);
        }
    }

    @Test
    void casts_in_turns_go_round_a_ring_without_growing_the_stack() {
        Pid self = Processes.self();
        List<Pid> ring = new ArrayList<>();
        int size = 10;
        for (int i = 0; i < size; i++) {
            int number = i;
            ring.add(
                    GenServer.start(
                                    () -> new Hop(self, () -> ring.get((number + 1) % size)),
                                    Ok.OK,
                                    StartOption.nonBlocking())
                            .pid());
        }

        GenServer.cast(ring.get(0), 1_000_000);

        assertComes("round");
    }

    private static void assertComes(Object message) {
        assertThat(
                        Processes.receive(
                                got -> got.equals(message) ? got : null, Duration.ofSeconds(20)))
                .isPresent();
    }

    static final class Hop implements GenServer<Ok, Ok, Object, Integer> {
        private final Pid watcher;
        private final java.util.function.Supplier<Pid> next;

        Hop(Pid watcher, java.util.function.Supplier<Pid> next) {
            this.watcher = watcher;
            this.next = next;
        }

        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        @Override
        public CastResult<Ok> handleCast(Integer left, Ok ok) {
            if (left == 0) {
                Processes.send(watcher, "round");
            } else {
                GenServer.cast(next.get(), left - 1);
            }
            return noreply(ok);
        }
    }

    @Test
    void a_circle_of_calls_is_found() {
        Pid first = doer();
        Pid second = doer();

        assertThatThrownBy(() -> ask(first, _ -> ask(second, _ -> ask(first, _ -> "never"))))
                .isInstanceOf(CallException.class)
                .hasMessageContaining("call_cycle");
    }

    @Test
    void a_circle_is_found_through_a_call_that_was_left_for_later() throws Exception {
        Pid first = doer();
        Pid second = doer();
        Pid third = doer();
        Sys.suspend(third);
        CompletableFuture<Object> outside =
                Outside.run(() -> ask(first, _ -> ask(second, _ -> callBack(third, first))));
        await().until(() -> Processes.info(third).orElseThrow().messageQueueLength() == 1);

        Sys.resume(third);

        assertThat(outside.get(10, TimeUnit.SECONDS))
                .asString()
                .contains("would wait for each other");
    }

    /// Makes a server call another one and returns how the call failed.
    private static Object callBack(Pid server, Pid other) {
        Object failure =
                ask(
                        server,
                        _ ->
                                catchThrowableOfType(
                                        CallException.class, () -> ask(other, _ -> "never")));
        return failure == null ? "none" : failure;
    }

    @Test
    void who_gets_a_cast_may_call_the_server_it_is_from() {
        Pid ordinary = GenServer.start(GenServerTest.Doer::new, Ok.OK).pid();
        Pid notes = Notes.begin();
        Pid self = Processes.self();
        Runnable callBack =
                () -> {
                    Object answer = ask(ordinary, _ -> "answer");
                    Processes.send(self, answer == null ? "none" : answer);
                };

        ask(
                ordinary,
                _ -> {
                    GenServer.cast(notes, callBack);
                    return "cast";
                });

        assertComes("answer");
    }

    @Test
    void a_call_to_a_server_that_was_cast_to_in_the_same_turn_comes_after_the_cast() {
        Pid first = doer();
        Pid notes = Notes.begin();

        Object seen =
                ask(
                        first,
                        _ -> {
                            GenServer.cast(notes, "cast");
                            return Notes.of(notes);
                        });

        assertThat(seen).isEqualTo(List.of("cast"));
    }

    @Test
    void a_turn_that_waits_does_not_hold_back_what_it_has_sent() {
        Pid first = doer();
        Pid notes = Notes.begin();
        Pid self = Processes.self();
        Runnable tell = () -> Processes.send(self, "told");

        Object waited =
                ask(
                        first,
                        _ -> {
                            GenServer.cast(notes, tell);
                            Processes.sleep(Duration.ofMillis(1));
                            return "waited";
                        });

        assertThat(waited).isEqualTo("waited");
        assertComes("told");
    }

    @Test
    void a_turn_that_receives_gets_what_is_sent_meanwhile() throws Exception {
        Pid server = doer();
        CountDownLatch inTurn = new CountDownLatch(1);
        CompletableFuture<Object> answer =
                Outside.run(() -> {
                    Object received =
                            ask(
                                    server,
                                    _ -> {
                                        inTurn.countDown();
                                        return Processes.receive(
                                                        String.class, Duration.ofSeconds(20))
                                                .orElse("nothing");
                                    });
                    return received == null ? "none" : received;
                });
        assertThat(inTurn.await(20, TimeUnit.SECONDS)).isTrue();
        await().until(() ->
                Processes.info(server).orElseThrow().status() == ProcessInfo.Status.WAITING);

        Processes.send(server, "message");

        assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("message");
    }

    @Test
    void servers_that_start_each_other_go_deeper_than_turns_nest() {
        assertThat(GenServer.call(Nest.begin(100), new Nest.Depth())).isEqualTo(100);
    }

    /// Starts the next server in init and asks it for the depth below it.
    static final class Nest implements GenServer<Integer, Integer, Nest.Depth, Object> {
        record Depth() implements Call<Integer> {}

        static Pid begin(int more) {
            return GenServer.start(Nest::new, more, StartOption.nonBlocking()).pid();
        }

        @Override
        public Init<Integer> init(Integer more) {
            return Init.ok(more == 0 ? 0 : 1 + GenServer.call(begin(more - 1), new Depth()));
        }

        @Override
        public CallResult<Integer> handleCall(Depth depth, From from, Integer below) {
            return reply(depth, below, below);
        }
    }

    @Test
    void whoever_finds_it_busy_is_answered_when_it_is_free_again() throws Exception {
        Pid server = doer();
        CountDownLatch inTurn = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Processes.spawn(() ->
                ask(
                        server,
                        _ -> {
                            inTurn.countDown();
                            return goOn.await(20, TimeUnit.SECONDS);
                        }));
        assertThat(inTurn.await(20, TimeUnit.SECONDS)).isTrue();

        List<CompletableFuture<Object>> answers =
                IntStream.range(0, 50)
                        .mapToObj(i ->
                                Outside.<Object>run(() -> {
                                    Object answer = ask(server, _ -> i);
                                    return answer == null ? "none" : answer;
                                }))
                        .toList();
        await().until(() -> Processes.info(server).orElseThrow().messageQueueLength() == 50);
        goOn.countDown();

        for (int i = 0; i < 50; i++) {
            assertThat(answers.get(i).get(20, TimeUnit.SECONDS)).isEqualTo(i);
        }
    }

    @Test
    void a_timeout_is_noticed_when_the_turn_ends() {
        Pid server = doer();

        CallException failure =
                catchThrowableOfType(
                        CallException.class,
                        () ->
                                GenServer.callUntyped(
                                        server,
                                        (GenServerTest.Task)
                                                _ -> {
                                                    Thread.sleep(50);
                                                    return "late";
                                                },
                                        Duration.ofMillis(5)));

        assertThat(failure.serverReason()).isEqualTo(ExitReason.TIMEOUT);
        assertThat(ask(server, _ -> "alive")).isEqualTo("alive");
    }

    @Test
    void state_timeouts_and_timers_arrive() {
        Pid server = Notes.begin();

        Processes.sendAfter(server, "timer", Duration.ofMillis(5));

        await().until(() -> Notes.of(server).equals(List.of("timer")));
    }

    @Test
    void a_turn_that_waits_for_a_second_is_reported_by_name() throws Exception {
        try (Logs logs = Logs.of(StartOption.class)) {
            Pid server = doer(StartOption.name("sleeper"));
            CountDownLatch enough = new CountDownLatch(1);
            CompletableFuture<Object> answer =
                    Outside.run(() -> {
                        Object result = ask(server, _ -> enough.await(30, TimeUnit.SECONDS));
                        return result == null ? "none" : result;
                    });

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> !logs.with(server.toString()).isEmpty());
            enough.countDown();

            assertThat(logs.with(server.toString()).getFirst().text())
                    .contains("registered as sleeper, has been in one turn for a second or more")
                    .contains("though it is nonBlocking()")
                    .contains("CountDownLatch.await");
            assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(true);
        }
    }

    @Test
    void it_cannot_have_a_thread_of_its_own_as_well() {
        assertThatThrownBy(() -> doer(StartOption.platformThread()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected one of nonBlocking(), ownThread()");
        assertThatThrownBy(() -> doer(StartOption.ownThread()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected one of nonBlocking(), ownThread()");
    }

    @Test
    void agents_can_be_started_so() {
        Pid agent = Agent.start(() -> Thread.currentThread(), StartOption.nonBlocking()).pid();

        assertThat(Agent.<Thread, Boolean>get(agent, thread -> thread == Thread.currentThread()))
                .isTrue();
    }
}
