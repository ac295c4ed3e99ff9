package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.genserver.simulation.Simulation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What can be seen of all processes of a node without disturbing them.
@ExtendWith(Alone.class)
@Timeout(60)
class WatchingTest {

    private static ProcessSummary summary(Pid pid) {
        List<ProcessSummary> found = new ArrayList<>();
        Processes.visit(process -> {
            if (process.pid().equals(pid)) {
                found.add(process);
            }
        });
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private static Pid server(StartOption... options) {
        return GenServer.startLink(GenServerTest.Doer::new, Ok.OK, options).pid();
    }

    private static void handle(Pid server, int calls) {
        for (int i = 0; i < calls; i++) {
            GenServer.callUntyped(server, (GenServerTest.Task) _ -> "done");
        }
    }

    /// Starts a process that takes no message.
    private static Pid deaf() {
        CountDownLatch never = new CountDownLatch(1);
        return Processes.spawnLink(never::await);
    }

    @Test
    void a_visit_shows_the_figures_of_each_process() {
        Instant before = Instant.now();
        Pid server = server(StartOption.name("seen"));
        handle(server, 3);

        ProcessSummary seen = summary(server);

        assertThat(seen.registeredName()).contains("seen");
        assertThat(seen.initialCall()).isEqualTo(GenServerTest.Doer.class.getName());
        assertThat(seen.handled()).isBetween(2L, 3L); // the last one is counted after the reply
        assertThat(seen.messageQueueLength()).isZero();
        assertThat(seen.parent()).contains(Processes.self());
        assertThat(seen.waitsFor()).isEmpty();
        assertThat(seen.startedAt()).isBetween(before.minusSeconds(5), Instant.now().plusMillis(1));
    }

    @Test
    void a_server_that_waits_for_a_thread_is_runnable() {
        Set<ProcessInfo.Status> seen = ConcurrentHashMap.newKeySet();

        Simulation.runs(50)
                .check(_ -> {
                    Pid server = server();
                    for (int i = 0; i < 5; i++) {
                        Processes.send(server, i);
                        seen.add(summary(server).status());
                    }
                });

        assertThat(seen).contains(ProcessInfo.Status.RUNNABLE);
    }

    @Test
    void a_visit_shows_no_dead_process() {
        Pid server = server();
        GenServer.stop(server);

        List<Pid> alive = new ArrayList<>();
        Processes.visit(process -> alive.add(process.pid()));

        assertThat(alive).contains(Processes.self()).doesNotContain(server);
    }

    @Test
    void a_summary_says_for_whom_a_process_waits() throws Exception {
        CountDownLatch inTurn = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Pid slow = server();
        Pid client =
                Processes.spawnLink(() ->
                        GenServer.callUntyped(
                                slow,
                                (GenServerTest.Task)
                                        _ -> {
                                            inTurn.countDown();
                                            goOn.await();
                                            return "done";
                                        }));
        inTurn.await();

        assertThat(summary(client).waitsFor()).contains(slow);
        assertThat(summary(slow).status()).isEqualTo(ProcessInfo.Status.RUNNING);

        goOn.countDown();
    }

    @Test
    void a_summary_keeps_the_longest_mailbox_that_the_process_has_found() throws Exception {
        CountDownLatch inTurn = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Pid server = server();
        RequestId<?> first =
                GenServer.sendRequestUntyped(
                        server,
                        (GenServerTest.Task)
                                _ -> {
                                    inTurn.countDown();
                                    goOn.await();
                                    return "done";
                                });
        inTurn.await();
        for (int i = 0; i < 200; i++) {
            Processes.send(server, "message " + i);
        }
        assertThat(summary(server).messageQueueLength()).isEqualTo(200);
        goOn.countDown();
        first.receiveResponse(Duration.ofSeconds(30));
        handle(server, 1);

        ProcessSummary after = summary(server);

        assertThat(after.messageQueueLength()).isZero();
        // The call of `handle` may come before the server finds the messages.
        assertThat(after.longestMessageQueue()).isBetween(130, 201);
    }

    @Test
    void top_finds_those_with_the_highest_values_the_highest_first() {
        Pid one = deaf();
        Pid two = deaf();
        Pid three = deaf();
        for (int i = 0; i < 5; i++) {
            Processes.send(one, i);
            Processes.send(two, i);
            Processes.send(two, i);
        }
        Processes.send(three, 1);

        assertThat(Processes.top(ProcessMeasure.MESSAGE_QUEUE_LENGTH, 2))
                .extracting(ranked -> ranked.process().pid(), ProcessMeasure.Ranked::value)
                .containsExactly(tuple(two, 10L), tuple(one, 5L));
        assertThat(Processes.top(ProcessMeasure.MESSAGE_QUEUE_LENGTH, 0)).isEmpty();
    }

    @Test
    void top_is_there_in_two_lines() {
        Pid deaf = deaf();
        Processes.send(deaf, "waits");

        var longest = Processes.top(ProcessMeasure.MESSAGE_QUEUE_LENGTH, 10);
        var busiest = Processes.top(ProcessMeasure.HANDLED, 10, Duration.ofMillis(100)); // now

        assertThat(longest).extracting(ranked -> ranked.process().pid()).containsExactly(deaf);
        assertThat(busiest).isEmpty();
    }

    @Test
    void a_count_or_a_limit_that_is_negative_is_refused() {
        assertThatThrownBy(() -> Processes.top(ProcessMeasure.HANDLED, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a count of 0 or more processes, got: -1");
        assertThatThrownBy(() -> Processes.messages(Processes.self(), -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a limit of 0 or more, got: -1");
    }

    @Test
    void messages_shows_the_first_ones_and_leaves_them() {
        Pid deaf = deaf();
        for (int i = 0; i < 1_000; i++) {
            Processes.send(deaf, i);
        }
        GenServer.cast(deaf, "cast");

        assertThat(Processes.messages(deaf, 3)).containsExactly(0, 1, 2);
        assertThat(Processes.messages(deaf, 0)).isEmpty();
        assertThat(Processes.messages(deaf, 2_000)).hasSize(1_001).endsWith("cast");
        assertThat(Processes.mailboxLength(deaf)).hasValue(1_001);
    }
}
