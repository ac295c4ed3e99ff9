package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.MDC;

/// Futures of exit reasons.
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class ExitOfTest {

    private static Pid waiting() {
        return Processes.spawn(() -> Processes.receive(String.class));
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    private static List<Pid> monitoredBy(Pid pid) {
        return Processes.info(pid).orElseThrow().monitoredBy();
    }

    // Its result

    @Test
    void is_the_reason_on_a_thread_that_is_no_process() throws Exception {
        Pid pid = waiting();
        CompletableFuture<ExitReason> exit = Outside.run(() -> Processes.exitOf(pid).join());
        await().until(() -> !monitoredBy(pid).isEmpty());
        assertThat(exit).isNotDone();

        Processes.exit(pid, ExitReason.SHUTDOWN);

        assertThat(get(exit)).isEqualTo(ExitReason.SHUTDOWN);
    }

    @Test
    void is_normal_after_a_normal_end() throws Exception {
        Pid pid = waiting();
        CompletableFuture<ExitReason> exit = Processes.exitOf(pid);

        Processes.send(pid, "end");

        assertThat(get(exit)).isEqualTo(ExitReason.NORMAL);
        assertThat(Processes.isAlive(pid)).isFalse();
    }

    @Test
    void is_that_of_the_process_that_had_the_name() throws Exception {
        Pid agent = Agent.start(() -> 1, StartOption.name("ExitOfTest")).pid();
        CompletableFuture<ExitReason> exit = Processes.exitOf(ServerRef.name("ExitOfTest"));

        GenServer.stop(agent);

        assertThat(get(exit)).isEqualTo(ExitReason.NORMAL);
    }

    @Test
    void is_noproc_at_once_if_there_is_no_process() {
        Pid dead = waiting();
        Processes.exit(dead, ExitReason.KILL);

        assertThat(Processes.exitOf(ServerRef.name("nobody")))
                .isCompletedWithValue(ExitReason.NOPROC);
        assertThat(Processes.exitOf(dead)).isCompletedWithValue(ExitReason.NOPROC);
    }

    @Test
    void may_be_that_of_the_calling_process() throws Exception {
        CompletableFuture<CompletableFuture<ExitReason>> own = new CompletableFuture<>();
        Processes.spawn(() -> own.complete(Processes.exitOf(Processes.self())));

        assertThat(get(get(own))).isEqualTo(ExitReason.NORMAL);
    }

    @Test
    void comes_to_no_mailbox() throws Exception {
        Pid pid = waiting();
        CompletableFuture<ExitReason> exit = Processes.exitOf(pid);

        Processes.exit(pid, ExitReason.KILL);

        assertThat(get(exit)).isEqualTo(ExitReason.KILLED);
        assertThat(Processes.flush()).isEmpty();
    }

    @Test
    void comes_when_the_node_closes() throws Exception {
        Node node = Node.start();
        Pid pid = node.call(ExitOfTest::waiting);
        CompletableFuture<ExitReason> exit = Processes.exitOf(pid);

        node.close();

        assertThat(get(exit)).isEqualTo(ExitReason.SHUTDOWN);
    }

    @Test
    void comes_to_thousands() throws Exception {
        Pid pid = waiting();
        Processes.monitor(pid);
        List<CompletableFuture<ExitReason>> exits =
                IntStream.range(0, 10_000).mapToObj(_ -> Processes.exitOf(pid)).toList();

        Processes.exit(pid, ExitReason.SHUTDOWN);

        assertReceive(Down.class);
        for (CompletableFuture<ExitReason> exit : exits) {
            assertThat(get(exit)).isEqualTo(ExitReason.SHUTDOWN);
        }
    }

    // Giving up

    @Test
    void leaves_no_monitor_behind_when_it_is_cancelled() throws Exception {
        Pid pid = waiting();
        CompletableFuture<ExitReason> cancelled = Processes.exitOf(pid);
        CompletableFuture<ExitReason> kept = Processes.exitOf(pid);
        assertThat(monitoredBy(pid)).hasSize(2).allMatch(by -> by.toString().equals("#PID<0.0.0>"));

        cancelled.cancel(false);

        assertThat(monitoredBy(pid)).hasSize(1);
        Processes.exit(pid, ExitReason.KILL);
        assertThat(get(kept)).isEqualTo(ExitReason.KILLED);
        assertThat(cancelled).isCancelled();
    }

    @Test
    void leaves_no_monitor_behind_when_its_time_is_over() {
        Pid pid = waiting();
        CompletableFuture<ExitReason> exit =
                Processes.exitOf(pid).orTimeout(1, TimeUnit.MILLISECONDS);

        assertThatThrownBy(() -> get(exit))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TimeoutException.class);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(monitoredBy(pid)).isEmpty());
        Processes.exit(pid, ExitReason.KILL);
    }

    @Test
    void has_one_outcome_if_it_is_cancelled_while_the_process_dies() throws Exception {
        for (int round = 0; round < 500; round++) {
            Pid pid = waiting();
            CompletableFuture<ExitReason> exit = Processes.exitOf(pid);
            CompletableFuture<ExitReason> other = Processes.exitOf(pid);
            CompletableFuture<Boolean> cancelled = Outside.run(() -> exit.cancel(false));

            Processes.exit(pid, ExitReason.KILL);

            assertThat(get(other)).isEqualTo(ExitReason.KILLED);
            if (get(cancelled)) {
                assertThat(exit).isCancelled();
            } else {
                assertThat(exit).isCompletedWithValue(ExitReason.KILLED);
            }
        }
    }

    @Test
    void comes_if_it_is_asked_for_while_the_process_dies() throws Exception {
        for (int round = 0; round < 500; round++) {
            Pid pid = waiting();
            CompletableFuture<ExitReason> asked = Outside.run(() -> Processes.exitOf(pid).join());

            Processes.exit(pid, ExitReason.KILL);

            assertThat(get(asked)).isIn(ExitReason.KILLED, ExitReason.NOPROC);
        }
    }

    // What depends on it

    @Test
    void runs_its_stages_on_a_virtual_thread_with_the_context_of_the_caller() throws Exception {
        Node node = Node.start();
        Pid pid = waiting();
        Thread killer = Thread.currentThread();
        CompletableFuture<List<Object>> seen =
                node.call(() -> {
                    MDC.put("request", "r1");
                    CompletableFuture<ExitReason> exit = Processes.exitOf(pid);
                    MDC.remove("request");
                    return exit.thenApply(_ ->
                            List.of(
                                    Thread.currentThread().isVirtual(),
                                    Thread.currentThread() == killer,
                                    Processes.isProcess(),
                                    Node.current(),
                                    String.valueOf(MDC.get("request"))));
                });

        Processes.exit(pid, ExitReason.KILL);

        assertThat(get(seen)).containsExactly(true, false, false, node, "r1");
        node.close();
    }

    @Test
    void holds_up_nobody_with_a_stage_that_never_ends() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Pid pid = waiting();
        for (int i = 0; i < 50; i++) {
            CompletableFuture<Void> _ =
                    Processes.exitOf(pid).thenAccept(_ -> awaitUninterrupted(never));
        }
        CompletableFuture<ExitReason> exit = Processes.exitOf(pid);
        Processes.monitor(pid);

        Processes.exit(pid, ExitReason.KILL);

        assertReceive(Down.class);
        assertThat(get(exit)).isEqualTo(ExitReason.KILLED);
        Processes.sendAfter(Processes.self(), "timer", Duration.ofMillis(1));
        assertReceive("timer");
        never.countDown();
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
