package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.test.GenServerExtension;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.MDC;

/// Clean-ups that run when a process ends.
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class OnExitTest {

    private final List<Object> done = new CopyOnWriteArrayList<>();

    /// Returns a process that has run `registers` and waits for a message.
    private static Pid process(ProcessBody registers) {
        Pid test = Processes.self();
        Pid pid =
                Processes.spawn(() -> {
                    registers.run();
                    Processes.send(test, "registered");
                    if (Processes.receive(String.class).equals("crash")) {
                        throw new IllegalStateException("crashed on purpose");
                    }
                });
        assertReceive("registered");
        return pid;
    }

    private static void kill(Pid pid) {
        Processes.exit(pid, ExitReason.KILL);
    }

    private void assertDone(Object... expected) {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(done).containsExactly(expected));
    }

    // When

    enum End {
        NORMAL,
        EXIT_SIGNAL,
        KILL,
        LINK,
        CRASH
    }

    @ParameterizedTest
    @EnumSource
    void run_in_reverse_order_whatever_the_reason(End end) {
        Pid pid =
                process(() -> {
                    for (int i = 1; i <= 3; i++) {
                        int number = i;
                        Processes.onExit(() -> done.add(number));
                    }
                    Processes.setLabel(Processes.spawnLink(Processes::receive));
                });
        assertThat(done).isEmpty();

        switch (end) {
            case NORMAL -> Processes.send(pid, "end");
            case EXIT_SIGNAL -> Processes.exit(pid, ExitReason.SHUTDOWN);
            case KILL -> kill(pid);
            case LINK -> kill((Pid) Processes.getLabel(pid).orElseThrow());
            case CRASH -> Processes.send(pid, "crash");
        }

        assertDone(3, 2, 1);
    }

    /// Registers a clean-up in init, and then fails or serves.
    record Registering(List<Object> done, boolean fails)
            implements GenServer<Ok, Ok, Object, Object> {
        @Override
        public Init<Ok> init(Ok ok) {
            Processes.onExit(() -> done.add("cleaned up"));
            return fails ? Init.stop(ExitReason.of("no")) : Init.ok(ok);
        }

        @Override
        public void terminate(ExitReason reason, Ok ok) {
            done.add("terminated");
        }
    }

    @Test
    void run_when_init_fails() {
        assertThat(GenServer.start(() -> new Registering(done, true), Ok.OK))
                .isInstanceOf(Start.Failed.class);

        assertDone("cleaned up");
    }

    @Test
    void run_after_terminate() {
        Pid server = GenServer.start(() -> new Registering(done, false), Ok.OK).pid();

        GenServer.stop(server);

        assertDone("terminated", "cleaned up");
    }

    @Test
    void run_when_a_thread_is_no_process_any_longer() {
        CompletableFuture<?> attached =
                Outside.run(() -> {
                    try (Attachment _ = Processes.attach()) {
                        Processes.onExit(() -> done.add("attached"));
                    }
                    return Ok.OK;
                });
        attached.join();

        assertDone("attached");
    }

    @Test
    void run_when_the_node_closes_and_act_on_that_node() {
        Node node = Node.start();
        Pid test = Processes.self();
        node.run(() ->
                Processes.spawn(() -> {
                    Processes.onExit(() -> done.add(Node.current()));
                    Processes.send(test, "registered");
                    Processes.receive(String.class);
                }));
        assertReceive("registered");

        node.close();

        assertDone(node);
    }

    @Test
    void end_the_wait_of_a_killed_process_that_no_interrupt_ends() throws IOException {
        Pid test = Processes.self();
        ServerSocket port = new ServerSocket(0);
        Thread accepting =
                Thread.ofPlatform()
                        .start(() -> {
                            try (Attachment attached = Processes.attach()) {
                                Processes.onExit(port);
                                Processes.send(test, attached.pid());
                                port.accept().close();
                            } catch (SocketException closed) {
                                done.add("closed");
                            } catch (IOException other) {
                                done.add(other);
                            }
                        });
        Pid pid = assertReceive(Pid.class);
        await().until(() -> accepting.getState() == Thread.State.RUNNABLE);

        kill(pid);

        assertDone("closed");
    }

    // Where

    @Test
    void run_on_a_virtual_thread_that_is_no_process() {
        Thread killer = Thread.currentThread();
        Pid pid =
                process(() ->
                        Processes.onExit(() ->
                                done.addAll(
                                        List.of(
                                                Thread.currentThread().isVirtual(),
                                                Thread.currentThread() == killer,
                                                Processes.isProcess()))));
        kill(pid);

        assertDone(true, false, false);
    }

    @Test
    void have_the_log_context_and_the_loader_of_the_registration() {
        ClassLoader loader = new ClassLoader() {};
        Pid pid =
                process(() -> {
                    Thread.currentThread().setContextClassLoader(loader);
                    MDC.put("request", "r1");
                    Processes.onExit(() ->
                            done.addAll(
                                    List.of(
                                            MDC.get("request"),
                                            Thread.currentThread().getContextClassLoader())));
                });
        kill(pid);

        assertDone("r1", loader);
    }

    // Failing

    @Test
    void that_fail_are_logged_and_keep_no_other_from_running() {
        try (Logs logs = Logs.of(Cleanup.class)) {
            IOException failure = new IOException("stuck");
            Pid pid =
                    process(() -> {
                        Processes.onExit(() -> done.add(1));
                        Processes.onExit(() -> {
                            Thread.currentThread().interrupt();
                            throw failure;
                        });
                        Processes.onExit(() -> {
                            throw new StackOverflowError();
                        });
                        Processes.onExit(() -> done.add(4));
                    });
            kill(pid);

            assertDone(4, 1);
            assertThat(logs.with(pid.toString()))
                    .extracting(Logs.Entry::text)
                    .containsOnly("a clean-up of " + pid + " (spawn) failed")
                    .hasSize(2);
            assertThat(logs.with(pid.toString()).getLast().thrown()).isSameAs(failure);
        }
    }

    @Test
    void that_never_end_hold_up_nobody_else() {
        CountDownLatch never = new CountDownLatch(1);
        List<Pid> stuck =
                IntStream.range(0, 50)
                        .mapToObj(_ -> process(() -> Processes.onExit(never::await)))
                        .toList();
        Pid other = process(() -> Processes.onExit(() -> done.add("other")));
        stuck.forEach(Processes::monitor);

        stuck.forEach(OnExitTest::kill);
        stuck.forEach(pid -> assertThat(assertReceive(Down.class).object()).isEqualTo(pid));
        Processes.sendAfter(Processes.self(), "timer", Duration.ofMillis(1));
        assertReceive("timer");
        kill(other);

        assertDone("other");
        never.countDown();
    }

    @Test
    void can_be_thousands() {
        int number = 20_000;
        Pid pid =
                process(() -> {
                    for (int i = 0; i < number; i++) {
                        int mine = i;
                        Cleanup cleanup = Processes.onExit(() -> count(mine));
                        if (i % 2 == 1) {
                            cleanup.cancel();
                        }
                    }
                });
        kill(pid);

        await().atMost(Duration.ofSeconds(10)).until(() -> ran.get() == number / 2);
        assertThat(disorder).hasValue(0);
    }

    private final AtomicInteger ran = new AtomicInteger();
    private final AtomicInteger disorder = new AtomicInteger();
    private final AtomicInteger last = new AtomicInteger(Integer.MAX_VALUE);

    private void count(int number) {
        if (number % 2 == 1 || last.getAndSet(number) <= number) {
            disorder.incrementAndGet();
        }
        ran.incrementAndGet();
    }

    // Running and cancelling by hand

    @Test
    void can_be_run_early_by_any_thread_and_then_run_no_more() throws Exception {
        Cleanup[] cleanup = new Cleanup[1];
        Pid pid = process(() -> cleanup[0] = Processes.onExit(() -> done.add("run")));

        assertThat(cleanup[0].run()).isTrue();
        assertThat(done).containsExactly("run");
        assertThat(cleanup[0].run()).isFalse();
        assertThat(cleanup[0].cancel()).isFalse();
        assertEndsWithout(pid, "run");
    }

    @Test
    void can_be_cancelled() throws Exception {
        Cleanup[] cleanup = new Cleanup[1];
        Pid pid = process(() -> cleanup[0] = Processes.onExit(() -> done.add("run")));

        assertThat(cleanup[0].cancel()).isTrue();
        assertThat(cleanup[0].cancel()).isFalse();
        assertThat(cleanup[0].run()).isFalse();
        assertEndsWithout(pid);
    }

    /// Ends the process, and checks that its clean-ups add nothing to what is done.
    private void assertEndsWithout(Pid pid, Object... before) {
        kill(pid);
        refuteReceive(Match.type(Object.class), Duration.ofMillis(50));
        assertThat(done).containsExactly(before);
    }

    @Test
    void that_are_run_by_hand_throw_what_they_throw() {
        IOException failure = new IOException("stuck");
        Cleanup cleanup =
                Processes.onExit(() -> {
                    throw failure;
                });

        assertThatThrownBy(cleanup::run).isSameAs(failure);
    }

    @Test
    void run_once_if_the_process_is_killed_while_they_are_run_by_hand() throws Exception {
        for (int round = 0; round < 500; round++) {
            AtomicInteger runs = new AtomicInteger();
            CountDownLatch ranOnce = new CountDownLatch(1);
            Cleanup[] cleanup = new Cleanup[1];
            Pid pid =
                    process(() ->
                            cleanup[0] =
                                    Processes.onExit(() -> {
                                        runs.incrementAndGet();
                                        ranOnce.countDown();
                                    }));
            CompletableFuture<?> killed =
                    Outside.run(() -> {
                        kill(pid);
                        return Ok.OK;
                    });
            boolean byHand = cleanup[0].run();
            killed.join();

            assertThat(ranOnce.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(cleanup[0].run()).isFalse();
            assertThat(runs).as("by hand: %s", byHand).hasValue(1);
        }
    }

    // Registering

    @Test
    void cannot_be_registered_by_a_thread_that_is_no_process() {
        assertThatThrownBy(() -> Outside.run(() -> Processes.onExit(() -> done.add("run"))).join())
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("make the thread one with Processes.attach()");
        assertThat(done).isEmpty();
    }

    @Test
    void that_a_dead_process_registers_run_at_once() {
        Pid test = Processes.self();
        CountDownLatch killed = new CountDownLatch(1);
        Pid pid =
                Processes.spawn(() -> {
                    Processes.send(test, "started");
                    awaitUninterrupted(killed);
                    try {
                        Processes.onExit(() -> done.add("run"));
                    } catch (ExitException dead) {
                        done.add(dead.reason());
                    }
                });
        assertReceive("started");

        kill(pid);
        killed.countDown();

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(done).containsExactlyInAnyOrder("run", ExitReason.KILLED));
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void none_is_lost_if_the_process_is_killed_while_it_registers_them() {
        for (int round = 0; round < 300; round++) {
            AtomicInteger opened = new AtomicInteger();
            AtomicInteger closed = new AtomicInteger();
            CountDownLatch over = new CountDownLatch(1);
            Pid pid =
                    Processes.spawn(() -> {
                        try {
                            while (true) {
                                opened.incrementAndGet();
                                Processes.onExit(closed::incrementAndGet);
                            }
                        } finally {
                            over.countDown();
                        }
                    });
            while (opened.get() < 10) {
                Thread.onSpinWait();
            }

            kill(pid);

            await().pollInterval(Duration.ofMillis(1))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> over.getCount() == 0 && closed.get() == opened.get());
        }
    }
}
