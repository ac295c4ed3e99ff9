package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

/// The turns of many servers share a few threads. A turn that waits holds up no other server, and
/// nothing that a turn does to its thread is seen in the turn of another server.
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class SharedThreadsTest {

    /// A request that the server runs.
    record Do<R>(Supplier<R> body) implements Call<R> {}

    /// Runs what it is sent.
    static final class Runner implements GenServer<Ok, Ok, Do<?>, Runnable> {
        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        @Override
        public CallResult<Ok> handleCall(Do<?> request, From from, Ok ok) {
            return CallResult.replyUntyped(request.body().get(), ok);
        }

        @Override
        public CastResult<Ok> handleCast(Runnable body, Ok ok) {
            body.run();
            return CastResult.noreply(ok);
        }
    }

    private final List<Pid> started = new ArrayList<>();

    private Pid runner(StartOption... options) {
        Pid server = GenServer.start(Runner::new, Ok.OK, options).pid();
        started.add(server);
        return server;
    }

    @AfterEach
    void kill() {
        started.forEach(server -> Processes.exit(server, ExitReason.KILL));
    }

    private static <R> R in(Pid server, Supplier<R> body) {
        return Objects.requireNonNull(GenServer.call(server, new Do<>(body)));
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("waited in vain");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // Turns that wait

    @Test
    void a_thousand_turns_wait_at_the_same_time() {
        CountDownLatch all = new CountDownLatch(1_000);

        for (int i = 0; i < 1_000; i++) {
            GenServer.cast(
                    runner(),
                    (Runnable)
                            () -> {
                                all.countDown();
                                await(all);
                            });
        }

        await(all);
    }

    @Test
    void a_server_runs_while_the_one_that_sent_to_it_waits_for_it_without_a_call() {
        Pid waiting = runner();
        Pid other = runner();
        CountDownLatch done = new CountDownLatch(1);

        in(
                waiting,
                () -> {
                    GenServer.cast(other, (Runnable) done::countDown);
                    await(done);
                    return true;
                });
    }

    @Test
    void a_turn_that_computes_holds_up_no_server_that_it_has_sent_to() {
        Pid computing = runner();
        Pid other = runner();
        CountDownLatch done = new CountDownLatch(1);

        in(
                computing,
                () -> {
                    GenServer.cast(other, (Runnable) done::countDown);
                    while (done.getCount() > 0) {
                        Thread.onSpinWait();
                    }
                    return true;
                });
    }

    @Test
    void servers_that_call_each_other_need_a_thread_each_and_get_one() {
        Pid first = runner();
        for (int i = 0; i < 200; i++) {
            first = GenServer.start(Chain::new, first).pid();
            started.add(first);
        }

        assertThat(GenServer.<Integer>call(first, new Do<>(() -> 1))).isEqualTo(1);
    }

    @Test
    void callers_outside_have_their_turn_while_servers_keep_every_run_queue_busy() {
        AtomicBoolean over = new AtomicBoolean();
        for (int i = 0; i < 4; i++) {
            Pid busy = runner();
            GenServer.cast(busy, (Runnable) () -> goOn(busy, over));
            GenServer.cast(busy, (Runnable) () -> goOn(busy, over));
        }
        CountDownLatch answered = new CountDownLatch(16);

        for (int i = 0; i < 16; i++) {
            Pid server = runner();
            Thread.ofPlatform()
                    .start(() -> {
                        for (int call = 0; call < 100; call++) {
                            in(server, () -> true);
                        }
                        answered.countDown();
                    });
        }
        await(answered);
        over.set(true);
    }

    @Test
    void calls_are_answered_while_many_servers_wait_again_and_again() {
        AtomicBoolean over = new AtomicBoolean();
        for (int i = 0; i < 500; i++) {
            Pid waiting = runner();
            GenServer.cast(waiting, (Runnable) () -> sleepAgain(waiting, over));
        }
        Pid server = runner();

        for (int call = 0; call < 2_000; call++) {
            in(server, () -> true);
        }
        over.set(true);
    }

    private static void sleepAgain(Pid server, AtomicBoolean over) {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (!over.get()) {
            GenServer.cast(server, (Runnable) () -> sleepAgain(server, over));
        }
    }

    /// Computes for a moment and has the server do the same again.
    private static void goOn(Pid server, AtomicBoolean over) {
        for (int i = 0; i < 2_000; i++) {
            Thread.onSpinWait();
        }
        if (!over.get()) {
            GenServer.cast(server, (Runnable) () -> goOn(server, over));
        }
    }

    /// Calls the next server for each call.
    static final class Chain implements GenServer<Pid, Pid, Do<?>, Object> {
        @Override
        public Init<Pid> init(Pid next) {
            return Init.ok(next);
        }

        @Override
        public CallResult<Pid> handleCall(Do<?> request, From from, Pid next) {
            return CallResult.replyUntyped(GenServer.call(next, request), next);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void two_senders_that_hold_a_lock_the_servers_want_do_not_deadlock(boolean nonBlocking) {
        StartOption[] options =
                nonBlocking ? new StartOption[] {StartOption.nonBlocking()} : new StartOption[0];
        Pid one = runner(options);
        Pid other = runner(options);
        ReentrantLock first = new ReentrantLock();
        ReentrantLock second = new ReentrantLock();
        CountDownLatch bothHold = new CountDownLatch(2);
        CountDownLatch handled = new CountDownLatch(2);

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            threads.execute(() -> castUnderLock(one, first, second, bothHold, handled));
            threads.execute(() -> castUnderLock(other, second, first, bothHold, handled));
            await(handled);
        }
    }

    private static void castUnderLock(
            Pid server,
            ReentrantLock mine,
            ReentrantLock wanted,
            CountDownLatch bothHold,
            CountDownLatch handled) {
        mine.lock();
        try {
            bothHold.countDown();
            await(bothHold);
            GenServer.cast(
                    server,
                    (Runnable)
                            () -> {
                                wanted.lock();
                                try {
                                    handled.countDown();
                                } finally {
                                    wanted.unlock();
                                }
                            });
        } finally {
            mine.unlock();
        }
    }

    // Threads that are shared

    @Test
    void nothing_that_a_turn_leaves_on_its_thread_is_seen_by_another_server() {
        List<Pid> hostile = new ArrayList<>();
        List<Pid> peaceful = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            hostile.add(runner());
            peaceful.add(runner());
        }
        ClassLoader loader = Runner.class.getClassLoader();
        Set<String> seen = ConcurrentHashMap.newKeySet();
        CountDownLatch looked = new CountDownLatch(2_000);

        for (int round = 0; round < 40; round++) {
            for (int i = 0; i < 50; i++) {
                GenServer.cast(hostile.get(i), (Runnable) SharedThreadsTest::leaveTraces);
                GenServer.cast(
                        peaceful.get(i),
                        (Runnable)
                                () -> {
                                    look(loader, seen);
                                    looked.countDown();
                                });
            }
        }
        await(looked);

        assertThat(seen).isEmpty();
    }

    private static void leaveTraces() {
        Thread.currentThread().interrupt();
        Thread.currentThread().setContextClassLoader(ClassLoader.getPlatformClassLoader());
        MDC.put("trace", "left");
    }

    private static void look(ClassLoader loader, Set<String> seen) {
        if (Thread.currentThread().isInterrupted()) {
            seen.add("interrupt flag");
        }
        if (Thread.currentThread().getContextClassLoader() != loader) {
            seen.add("context class loader");
        }
        if (MDC.get("trace") != null) {
            seen.add("log context");
        }
    }

    @Test
    void an_interrupt_that_a_turn_leaves_does_not_end_the_wait_of_the_next() {
        Pid server = runner();

        in(
                server,
                () -> {
                    Thread.currentThread().interrupt();
                    return true;
                });

        Boolean slept =
                in(
                        server,
                        () -> {
                            try {
                                Thread.sleep(1);
                                return true;
                            } catch (InterruptedException e) {
                                return false;
                            }
                        });
        assertThat(slept).isTrue();
    }

    /// Both messages wait before the first turn begins, so the two turns follow each other without
    /// a pause.
    @ParameterizedTest
    @MethodSource("threads")
    void an_interrupt_that_a_turn_leaves_is_not_seen_by_a_turn_that_follows_at_once(
            StartOption thread) {
        Pid server = runner(thread);
        AtomicBoolean seen = new AtomicBoolean();
        CountDownLatch both = new CountDownLatch(1);

        GenServer.cast(
                server,
                (Runnable)
                        () -> {
                            await(both);
                            Thread.currentThread().interrupt();
                        });
        GenServer.cast(server, (Runnable) () -> seen.set(Thread.currentThread().isInterrupted()));
        both.countDown();
        in(server, () -> true);

        assertThat(seen).isFalse();
    }

    static List<StartOption> threads() {
        return List.of(
                StartOption.debug(), // none
                StartOption.ownThread(),
                StartOption.platformThread(),
                StartOption.nonBlocking());
    }

    /// A callback that has thrown or that stops the server may have left the flag set, as code does
    /// that catches an interrupt.
    @Test
    void an_interrupt_that_a_turn_leaves_is_not_seen_by_terminate() {
        AtomicBoolean seen = new AtomicBoolean();
        for (boolean throwing : List.of(true, false)) {
            CountDownLatch ended = new CountDownLatch(1);
            Pid server =
                    GenServer.start(
                                    () ->
                                            new GenServer<Ok, Ok, Do<?>, Boolean>() {
                                                @Override
                                                public Init<Ok> init(Ok ok) {
                                                    return Init.ok(ok);
                                                }

                                                @Override
                                                public CastResult<Ok> handleCast(
                                                        Boolean throwing, Ok ok) {
                                                    Thread.currentThread().interrupt();
                                                    if (throwing) {
                                                        throw new IllegalStateException("planned");
                                                    }
                                                    return CastResult.stop(ExitReason.NORMAL, ok);
                                                }

                                                @Override
                                                public void terminate(ExitReason reason, Ok ok) {
                                                    seen.set(
                                                            seen.get()
                                                                    | Thread.currentThread()
                                                                            .isInterrupted());
                                                    ended.countDown();
                                                }
                                            },
                                    Ok.OK)
                            .pid();
            GenServer.cast(server, throwing);
            await(ended);
        }

        assertThat(seen).isFalse();
    }

    /// The first turn handles the caller's request, and the second one a message that has come
    /// since then. The server has a timeout, so the caller's thread runs both.
    @Test
    void an_interrupt_that_a_turn_leaves_on_a_lent_thread_is_not_seen_by_another_ones_message()
            throws Exception {
        Pid server =
                runner(StartOption.nonBlocking(), StartOption.idleTimeout(Duration.ofHours(1)));
        List<Object> seen = new CopyOnWriteArrayList<>();

        AtomicBoolean kept = new AtomicBoolean();
        Thread caller =
                Thread.ofPlatform()
                        .start(() -> {
                            interruptInTurn(server, seen);
                            kept.set(Thread.currentThread().isInterrupted());
                        });
        caller.join();
        in(server, () -> true);

        assertThat(seen).containsExactly(caller, false);
        assertThat(kept).isTrue();
    }

    /// The caller is a process of one node and calls a server of another one.
    @Test
    void an_interrupt_that_is_put_off_comes_back_when_the_thread_is_on_its_own_node_again()
            throws Exception {
        List<Object> seen = new CopyOnWriteArrayList<>();
        AtomicBoolean kept = new AtomicBoolean();
        Thread caller;
        try (Node other = Node.start()) {
            Pid server =
                    other.call(() ->
                            GenServer.start(
                                            Runner::new,
                                            Ok.OK,
                                            StartOption.nonBlocking(),
                                            StartOption.idleTimeout(Duration.ofHours(1)))
                                    .pid());
            caller =
                    Thread.ofPlatform()
                            .start(() -> {
                                try (Attachment _ = Processes.attach()) {
                                    other.run(() -> interruptInTurn(server, seen));
                                    kept.set(Thread.interrupted());
                                }
                            });
            caller.join();
        }

        assertThat(seen).containsExactly(caller, false);
        assertThat(kept).isTrue();
    }

    /// Runs a turn that leaves its thread interrupted, with another message for the server.
    private static void interruptInTurn(Pid server, List<Object> seen) {
        in(
                server,
                () -> {
                    castFromElsewhere(server, seen);
                    Thread.currentThread().interrupt();
                    return true;
                });
    }

    private static void castFromElsewhere(Pid server, List<Object> seen) {
        try {
            Thread.startVirtualThread(() ->
                            GenServer.cast(
                                    server,
                                    (Runnable)
                                            () -> {
                                                Thread thread = Thread.currentThread();
                                                seen.add(thread);
                                                seen.add(thread.isInterrupted());
                                            }))
                    .join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // A thread of its own

    @Test
    void a_server_with_a_thread_of_its_own_keeps_it_and_what_it_has_put_there() {
        Pid server = runner(StartOption.ownThread());
        ThreadLocal<String> local = new ThreadLocal<>();

        Thread thread =
                in(
                        server,
                        () -> {
                            local.set("mine");
                            return Thread.currentThread();
                        });

        assertThat(thread.isVirtual()).isTrue();
        for (int i = 0; i < 100; i++) {
            assertThat(in(server, Thread::currentThread)).isSameAs(thread);
            assertThat(in(runner(), Thread::currentThread)).isNotSameAs(thread);
        }
        assertThat(in(server, local::get)).isEqualTo("mine");
    }

    @Test
    void a_server_with_a_platform_thread_keeps_it_when_it_hibernates() {
        Pid server = GenServer.start(Sleepy::new, Ok.OK, StartOption.platformThread()).pid();
        started.add(server);

        Thread before = GenServer.call(server, new Sleepy.Where());
        Awaitility.await()
                .until(() ->
                        Processes.info(server).orElseThrow().status()
                                == ProcessInfo.Status.HIBERNATING);

        assertThat(before.isVirtual()).isFalse();
        assertThat(GenServer.call(server, new Sleepy.Where())).isSameAs(before);
    }

    static final class Sleepy implements GenServer<Ok, Ok, Sleepy.Where, Object> {
        record Where() implements Call<Thread> {}

        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        @Override
        public CallResult<Ok> handleCall(Where where, From from, Ok ok) {
            return CallResult.reply(where, Thread.currentThread(), ok, Action.hibernate());
        }
    }
}
