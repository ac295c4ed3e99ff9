package io.genserver.supervisor;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.genserver.Action;
import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CallServer;
import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ReplyTo;
import io.genserver.Server;
import io.genserver.StartOption;
import io.genserver.simulation.TestTime;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import io.genserver.test.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(90)
class KeyedSupervisorTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    /// What the servers of a test have in common: the saved counts, and how many run at a time.
    static final class Store {
        final Map<String, Integer> saved = new ConcurrentHashMap<>();
        final Map<String, Integer> running = new ConcurrentHashMap<>();
        final AtomicInteger starts = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final List<String> twice = new ArrayList<>();

        void starts(String key) {
            starts.incrementAndGet();
            if (running.merge(key, 1, Integer::sum) > 1) {
                synchronized (twice) {
                    twice.add(key);
                }
            }
            most.accumulateAndGet(running.size(), Math::max);
        }

        void ends(String key) {
            running.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    /// Counts what it gets. Loads the count in init and saves it in terminate.
    static final class Counter implements GenServer<Ok, Integer, Counter.Request, Counter.Add> {
        sealed interface Request {}

        record Add(int amount) implements Request, Call<Integer> {}

        record Self() implements Request, Call<Pid> {}

        record Crash() implements Request, Call<Ok> {}

        record Stop() implements Request, Call<Ok> {}

        private final String key;
        private final Store store;

        Counter(String key, Store store) {
            this.key = key;
            this.store = store;
        }

        @Override
        public Init<Integer> init(Ok ok) throws InterruptedException {
            if (key.startsWith("slow")) {
                Thread.sleep(200);
            }
            if (key.startsWith("broken")) {
                throw new IllegalStateException("no disk");
            }
            store.starts(key);
            return Init.ok(store.saved.getOrDefault(key, 0));
        }

        @Override
        public CallResult<Integer> handleCall(Request request, From from, Integer count) {
            return switch (request) {
                case Add add -> reply(add, count + add.amount(), count + add.amount());
                case Self self -> reply(self, Processes.self(), count);
                case Crash _ -> throw new IllegalStateException("on purpose");
                case Stop stop -> CallResult.stop(ExitReason.NORMAL, stop, Ok.OK, count);
            };
        }

        @Override
        public CastResult<Integer> handleCast(Add add, Integer count) {
            return noreply(count + add.amount());
        }

        @Override
        public CastResult<Integer> handleInfo(Object message, Integer count) {
            return noreply(count + (Integer) message);
        }

        @Override
        public void terminate(ExitReason reason, Integer count) {
            store.saved.put(key, count);
            store.ends(key);
        }
    }

    private final Store store = new Store();

    private KeyedSupervisor<String, Counter> counters() {
        return KeyedSupervisor.of("Counters", key -> new Counter(key, store));
    }

    private static int add(KeyedSupervisor<String, Counter> counters, String key, int amount) {
        return GenServer.call(counters.server(key), new Counter.Add(amount), LONG);
    }

    @Test
    void starts_the_server_of_a_key_when_something_is_sent_to_it(TestSupervisor test) {
        KeyedSupervisor<String, Counter> counters = counters();
        test.startSupervised(counters.childSpec());

        assertThat(GenServer.whereis(counters.server("a"))).isEmpty();
        assertThat(add(counters, "a", 1)).isEqualTo(1);
        GenServer.cast(counters.server("b"), new Counter.Add(2));
        Processes.send(counters.server("c"), 3);
        Processes.sendAfter(counters.server("d"), 4, Duration.ofMillis(1));
        assertThat(GenServer.callAsync(counters.server("e"), new Counter.Add(5), LONG).join())
                .isEqualTo(5);

        assertThat(add(counters, "b", 0)).isEqualTo(2);
        assertThat(add(counters, "c", 0)).isEqualTo(3);
        await().until(() -> counters.count() == 5);
        assertThat(add(counters, "d", 0)).isEqualTo(4);
        assertThat(counters.keys()).containsExactlyInAnyOrder("a", "b", "c", "d", "e");
        assertThat(Supervisor.countChildren(io.genserver.ServerRef.name("Counters")).active())
                .isEqualTo(5);
        assertThat(GenServer.whereis(counters.server("a"))).isPresent();
    }

    @Test
    void slow_inits_run_side_by_side(TestSupervisor test) {
        KeyedSupervisor<String, Counter> counters = counters();
        test.startSupervised(counters.childSpec());
        List<CompletableFuture<Integer>> replies = new ArrayList<>();

        for (int i = 0; i < 1_000; i++) {
            replies.add(GenServer.callAsync(counters.server("slow" + i), new Counter.Add(i), LONG));
        }

        // One after another they would take 200 s, more than the limit of the test.
        for (int i = 0; i < 1_000; i++) {
            assertThat(replies.get(i).join()).isEqualTo(i);
        }
    }

    @Test
    void a_failed_init_fails_the_call_and_the_next_call_tries_again(TestSupervisor test) {
        KeyedSupervisor<String, Counter> counters = counters();
        test.startSupervised(counters.childSpec());

        for (int i = 0; i < 20; i++) {
            CallException failed =
                    catchThrowableOfType(CallException.class, () -> add(counters, "broken", 1));
            assertThat(failed).hasRootCauseMessage("no disk");
        }

        await().until(() -> counters.count() == 0);
        assertThat(add(counters, "whole", 1)).isEqualTo(1);
    }

    @Test
    void a_server_that_crashes_or_stops_is_started_again_by_the_next_call(TestSupervisor test) {
        KeyedSupervisor<String, Counter> counters = counters();
        test.startSupervised(counters.childSpec());
        Server<Counter> one = counters.server("one");
        add(counters, "two", 7);

        for (int i = 1; i <= 200; i++) {
            assertThatThrownBy(() -> GenServer.call(one, new Counter.Crash()))
                    .isInstanceOf(CallException.class);
            assertThat(GenServer.call(one, new Counter.Stop())).isEqualTo(Ok.OK);
            assertThat(add(counters, "one", 1)).isPositive();
        }

        assertThat(add(counters, "two", 0)).isEqualTo(7);
        assertThat(store.twice).isEmpty();
    }

    @Test
    void two_callers_at_once_get_the_same_server(TestSupervisor test) {
        KeyedSupervisor<Integer, Counter> counters =
                KeyedSupervisor.of("Counters", key -> new Counter("k" + key, store));
        test.startSupervised(counters.childSpec());

        for (int round = 0; round < 300; round++) {
            int key = round;
            List<CompletableFuture<Pid>> pids = new ArrayList<>();
            for (int caller = 0; caller < 4; caller++) {
                pids.add(
                        CompletableFuture.supplyAsync(() ->
                                GenServer.call(counters.server(key), new Counter.Self(), LONG)));
            }
            assertThat(pids.stream().map(CompletableFuture::join).distinct()).hasSize(1);
        }
        assertThat(store.starts).hasValue(300);
    }

    /// Passivation as often as possible, with callers that never pause: each increment is answered
    /// once, and each server finds what the one before has saved.
    @Test
    void nothing_is_lost_while_servers_come_and_go(TestSupervisor test) {
        KeyedSupervisor<String, Counter> counters =
                counters()
                        .withIdleTimeout(Duration.ofNanos(1))
                        .withLimit(3, KeyedSupervisor.AtLimit.PASSIVATE);
        test.startSupervised(counters.childSpec());
        int rounds = 3_000;
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        for (int caller = 0; caller < 4; caller++) {
            int first = caller;
            callers.add(
                    CompletableFuture.runAsync(() -> {
                        for (int i = 0; i < rounds; i++) {
                            String key = "k" + (first + i) % 7;
                            if (i % 3 == 0) {
                                GenServer.cast(counters.server(key), new Counter.Add(1));
                            } else {
                                add(counters, key, 1);
                            }
                        }
                    }));
        }

        callers.forEach(CompletableFuture::join);

        int sum = 0;
        for (int key = 0; key < 7; key++) {
            sum += add(counters, "k" + key, 0);
        }
        assertThat(sum).isEqualTo(4 * rounds);
        assertThat(store.twice).isEmpty();
        assertThat(store.most.get()).isLessThanOrEqualTo(3);
        assertThat(store.starts.get()).isGreaterThan(100);
    }

    @Test
    void an_idle_server_ends_and_comes_back_with_what_it_has_saved(TestSupervisor test) {
        KeyedSupervisor<String, Counter> counters =
                counters().withIdleTimeout(Duration.ofMillis(20));
        test.startSupervised(counters.childSpec());
        add(counters, "a", 5);

        await().until(() -> counters.count() == 0);

        assertThat(store.saved).containsEntry("a", 5);
        assertThat(add(counters, "a", 1)).isEqualTo(6);
    }

    @Test
    void the_hook_may_refuse(TestSupervisor test) {
        AtomicInteger asked = new AtomicInteger();
        KeyedSupervisor<String, Counter> counters =
                counters()
                        .withIdleTimeout(
                                Duration.ofMillis(10),
                                (key, server) -> {
                                    asked.incrementAndGet();
                                    assertThat(Processes.isAlive(server.pid())).isTrue();
                                    return !key.equals("stays");
                                });
        test.startSupervised(counters.childSpec());
        add(counters, "stays", 1);
        add(counters, "goes", 1);

        await().until(() -> asked.get() > 5 && counters.count() == 1);

        assertThat(counters.keys()).containsExactly("stays");
    }

    /// A server that has deferred a reply is in use.
    static final class Patient implements CallServer<Ok, Patient.Wait> {
        record Wait(CompletableFuture<ReplyTo<Integer>> caller) implements Call<Integer> {}

        @Override
        public Init<Ok> init() {
            return Init.ok(Ok.OK);
        }

        @Override
        public CallResult<Ok> handleCall(Wait request, From from, Ok state) {
            request.caller().complete(from.replyTo(request));
            return noreply(state);
        }
    }

    @Test
    @VirtualTime
    void a_server_that_owes_a_reply_is_not_passivated(TestSupervisor test, TestTime time) {
        KeyedSupervisor<String, Patient> patients =
                KeyedSupervisor.<String, Patient>of("Patients", _ -> new Patient())
                        .withIdleTimeout(Duration.ofNanos(1));
        test.startSupervised(patients.childSpec());
        CompletableFuture<ReplyTo<Integer>> caller = new CompletableFuture<>();
        Task<Integer> call =
                Task.async(() -> GenServer.call(patients.server("x"), new Patient.Wait(caller)));

        time.advance(Duration.ofSeconds(1)); // many sweeps

        assertThat(patients.count()).isOne();
        GenServer.reply(caller.resultNow(), 9);
        assertThat(call.await()).isEqualTo(9);
        time.advance(Duration.ofSeconds(1));
        assertThat(patients.count()).isZero();
    }

    @Test
    void when_full_a_server_waits_for_another_one_to_end(TestSupervisor test) {
        KeyedSupervisor<String, Counter> counters =
                counters().withLimit(2, KeyedSupervisor.AtLimit.WAIT);
        test.startSupervised(counters.childSpec());
        add(counters, "a", 1);
        add(counters, "b", 1);

        CompletableFuture<Integer> third =
                GenServer.callAsync(counters.server("c"), new Counter.Add(1), LONG);
        CallException late =
                catchThrowableOfType(
                        CallException.class,
                        () ->
                                GenServer.call(
                                        counters.server("c"),
                                        new Counter.Add(1),
                                        Duration.ofMillis(30)));
        assertThat(late.serverReason()).isEqualTo(ExitReason.TIMEOUT);
        assertThat(third).isNotDone();

        counters.stop("a");

        assertThat(third.join()).isEqualTo(1);
        assertThat(store.saved).containsEntry("a", 1);
        assertThat(counters.keys()).containsExactlyInAnyOrder("b", "c");
    }

    @Test
    void when_full_an_unused_server_makes_room(TestSupervisor test) {
        KeyedSupervisor<String, Counter> counters =
                counters().withLimit(10, KeyedSupervisor.AtLimit.PASSIVATE);
        test.startSupervised(counters.childSpec());

        for (int i = 0; i < 200; i++) {
            assertThat(add(counters, "k" + i, 1)).isEqualTo(1);
        }

        assertThat(store.most.get()).isLessThanOrEqualTo(10);
        await().until(() -> counters.count() <= 10);
        assertThat(add(counters, "k0", 1)).isEqualTo(2);
    }

    /// Takes its time for each cast, and connects after its init.
    static final class Worker implements GenServer<Ok, Integer, Worker.Count, Worker.Work> {
        record Count() implements Call<Integer> {}

        record Work() {}

        private final String key;
        private final Store store;

        Worker(String key, Store store) {
            this.key = key;
            this.store = store;
        }

        @Override
        public Init<Integer> init(Ok ok) {
            store.starts(key);
            return Init.ok(store.saved.getOrDefault(key, 0), Action.continueWith("connect"));
        }

        @Override
        public CastResult<Integer> handleContinue(Object continuation, Integer done) {
            if (key.equals("down")) {
                // The call that is to fail has to be in the mailbox. If the server had ended
                // before, the call would find another one.
                Pid self = Processes.self();
                await().until(() -> Processes.mailboxLength(self).orElseThrow() > 0);
                throw new IllegalStateException("the database is down");
            }
            return noreply(done);
        }

        @Override
        public CallResult<Integer> handleCall(Count request, From from, Integer done) {
            return reply(request, done, done);
        }

        @Override
        public CastResult<Integer> handleCast(Work request, Integer done)
                throws InterruptedException {
            Thread.sleep(20);
            return noreply(done + 1);
        }

        @Override
        public void terminate(ExitReason reason, Integer done) {
            store.saved.put(key, done);
            store.ends(key);
        }
    }

    private KeyedSupervisor<String, Worker> workers() {
        return KeyedSupervisor.of("Workers", (String key) -> new Worker(key, store));
    }

    @Test
    void a_passivated_server_first_does_what_it_has_to_do(TestSupervisor test) {
        KeyedSupervisor<String, Worker> workers =
                workers()
                        .withLimit(1, KeyedSupervisor.AtLimit.PASSIVATE)
                        .withShutdown(Shutdown.within(Duration.ofMillis(10)));
        test.startSupervised(workers.childSpec());
        for (int i = 0; i < 20; i++) {
            GenServer.cast(workers.server("a"), new Worker.Work());
        }

        assertThat(GenServer.call(workers.server("b"), new Worker.Count(), LONG)).isZero();

        assertThat(GenServer.call(workers.server("a"), new Worker.Count(), LONG)).isEqualTo(20);
        assertThat(store.twice).isEmpty();
    }

    @Test
    void a_server_that_crashes_after_its_init_is_not_started_again_and_again(TestSupervisor test) {
        KeyedSupervisor<String, Worker> workers = workers();
        test.startSupervised(workers.childSpec());

        CallException failed =
                catchThrowableOfType(
                        CallException.class,
                        () -> GenServer.call(workers.server("down"), new Worker.Count(), LONG));

        assertThat(failed).hasRootCauseMessage("the database is down");
        assertThat(store.starts).hasValue(1);
    }

    @Test
    void stops_although_servers_wait_for_room(TestSupervisor test) {
        KeyedSupervisor<String, Counter> counters =
                counters()
                        .withLimit(1, KeyedSupervisor.AtLimit.WAIT)
                        .withShutdown(Shutdown.infinity());
        test.startSupervised(counters.childSpec());
        add(counters, "a", 1);
        for (int i = 0; i < 20; i++) {
            GenServer.cast(counters.server("waits" + i), new Counter.Add(1));
        }

        test.stopSupervised("Counters"); // without limit

        assertThat(store.saved).containsOnlyKeys("a");
    }

    @Test
    void a_server_cannot_stop_itself_through_its_supervisor(TestSupervisor test) {
        KeyedSupervisor<String, Counter> counters =
                KeyedSupervisor.of("Counters", (String key) -> new Counter(key, store));
        test.startSupervised(counters.childSpec());
        Processes.send(counters.server("a"), 1);
        Pid pid = GenServer.call(counters.server("a"), new Counter.Self());

        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        io.genserver.Sys.replaceState(
                pid,
                (Integer count) -> {
                    try {
                        counters.stop("a");
                    } catch (IllegalStateException refused) {
                        thrown.complete(refused);
                    }
                    return count;
                });

        assertThat(thrown.join()).hasMessageContaining("expected another process to stop");
        assertThat(add(counters, "a", 1)).isEqualTo(2);
    }

    @Test
    void a_killed_server_that_waits_for_room_leaves_none_taken(TestSupervisor test) {
        KeyedSupervisor<String, Counter> counters =
                counters().withLimit(1, KeyedSupervisor.AtLimit.WAIT);
        test.startSupervised(counters.childSpec());
        add(counters, "a", 1);
        for (int i = 0; i < 50; i++) {
            GenServer.cast(counters.server("b"), new Counter.Add(1));
            GenServer.whereis(counters.server("b"))
                    .ifPresent(pid -> Processes.exit(pid, ExitReason.KILL));
        }

        counters.stop("a");

        assertThat(add(counters, "c", 1)).isEqualTo(1);
    }

    @Test
    void a_killed_server_that_waits_for_the_one_before_lets_no_other_begin(TestSupervisor test) {
        KeyedSupervisor<String, Worker> workers = workers();
        test.startSupervised(workers.childSpec());
        GenServer.call(workers.server("a"), new Worker.Count());
        Pid first = pid(workers);
        for (int i = 0; i < 20; i++) {
            GenServer.cast(workers.server("a"), new Worker.Work());
        }
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> workers.stop("a"));
        await().until(() -> GenServer.whereis(workers.server("a")).isEmpty());
        GenServer.cast(workers.server("a"), new Worker.Work());
        Pid second = pid(workers);

        Processes.exit(second, ExitReason.KILL);

        assertThat(second).isNotEqualTo(first);
        assertThat(GenServer.call(workers.server("a"), new Worker.Count(), LONG)).isEqualTo(20);
        assertThat(store.twice).isEmpty();
        stopped.join();
    }

    private static Pid pid(KeyedSupervisor<String, Worker> workers) {
        return GenServer.whereis(workers.server("a")).orElseThrow();
    }

    @Test
    void stops_all_servers_with_their_terminate(TestSupervisor test) {
        KeyedSupervisor<String, Counter> counters = counters();
        test.startSupervised(counters.childSpec());
        for (int i = 0; i < 100; i++) {
            add(counters, "k" + i, i);
        }
        Pid some = GenServer.whereis(counters.server("k1")).orElseThrow();

        test.stopSupervised("Counters");

        assertThat(Processes.isAlive(some)).isFalse();
        assertThat(store.saved).hasSize(100).containsEntry("k99", 99);
        assertThat(counters.count()).isZero();
        CallException down =
                catchThrowableOfType(CallException.class, () -> add(counters, "k1", 1));
        assertThat(down.serverReason()).isEqualTo(ExitReason.NOPROC);
        GenServer.cast(counters.server("k1"), new Counter.Add(1)); // lost, and no error
    }

    @Test
    void comes_back_empty_after_a_kill(TestSupervisor test) {
        KeyedSupervisor<String, Counter> counters = counters();
        test.startSupervised(counters.childSpec());
        add(counters, "a", 1);
        Pid server = GenServer.whereis(counters.server("a")).orElseThrow();

        Processes.exit(Processes.whereis("Counters").orElseThrow(), ExitReason.KILL);

        await().until(() -> !Processes.isAlive(server));
        await().until(() -> Processes.whereis("Counters").isPresent());
        await().ignoreExceptionsInstanceOf(CallException.class) // it has only its name yet
                .untilAsserted(() -> assertThat(add(counters, "a", 1)).isPositive());
        assertThat(GenServer.whereis(counters.server("a")))
                .isNotEqualTo(java.util.Optional.of(server));
    }

    @Test
    void an_init_that_takes_too_long_is_given_up(TestSupervisor test) {
        CountDownLatch never = new CountDownLatch(1);
        KeyedSupervisor<String, Counter> counters =
                KeyedSupervisor.of(
                        "Counters",
                        key -> {
                            try {
                                never.await();
                            } catch (InterruptedException killed) {
                                Thread.currentThread().interrupt();
                            }
                            return new Counter(key, store);
                        },
                        StartOption.initTimeout(Duration.ofMillis(20)));
        test.startSupervised(counters.childSpec());

        CallException failed =
                catchThrowableOfType(CallException.class, () -> add(counters, "a", 1));

        assertThat(failed.serverReason()).isEqualTo(ExitReason.TIMEOUT);
        assertThat(failed.waited()).isLessThan(LONG);
        await().until(() -> counters.count() == 0);
    }

    @Test
    void refuses_what_makes_no_sense() {
        assertThatThrownBy(() -> counters().withIdleTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> counters().withLimit(0, KeyedSupervisor.AtLimit.WAIT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        KeyedSupervisor.of(
                                "x",
                                (String key) -> new Counter(key, store),
                                StartOption.name("one")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected no name");
    }
}
