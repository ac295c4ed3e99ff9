package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Concurrent operations, repeated many times. The runtime's `LocalProcess` explains why each of
/// them is correct.
@ExtendWith(GenServerExtension.class)
@Timeout(120)
class RaceTest {

    private static final int TIMES = 5_000;
    private static final int PAIRS = 6;

    /// Publishes its pid in init.
    static final class Announcing implements GenServer<AtomicReference<Pid>, Ok, Object, Object> {
        @Override
        public Init<Ok> init(AtomicReference<Pid> announced) {
            announced.set(Processes.self());
            return Init.ok(Ok.OK);
        }
    }

    /// The request ends the server while the sender checks whether the server is alive.
    @Test
    void a_stop_always_finds_the_end_it_asked_for() {
        int stopped =
                Outside.run(
                                () -> {
                                    int count = 0;
                                    for (int i = 0; i < TIMES; i++) {
                                        Pid agent = Agent.start(() -> "state").pid();
                                        Agent.stop(agent);
                                        count += Processes.isAlive(agent) ? 0 : 1;
                                    }
                                    return count;
                                })
                        .join();

        assertThat(stopped).isEqualTo(TIMES);
    }

    @Test
    void a_stop_of_a_server_that_is_being_killed_returns() {
        for (int i = 0; i < TIMES; i++) {
            Pid agent = Agent.start(() -> "state").pid();
            Processes.spawn(() -> Processes.exit(agent, ExitReason.KILL));
            try {
                GenServer.stop(agent, ExitReason.NORMAL, Duration.ofSeconds(20));
            } catch (CallException killed) {
                assertThat(killed.serverReason()).isIn(ExitReason.KILLED, ExitReason.NOPROC);
            }
        }
    }

    @Test
    void a_child_that_started_and_is_killed_is_heard_of() {
        Processes.trapExits(true);
        for (int i = 0; i < TIMES; i++) {
            AtomicReference<Pid> announced = new AtomicReference<>();
            AtomicInteger over = new AtomicInteger();
            Processes.spawn(() -> {
                while (announced.get() == null && over.get() == 0) {
                    Thread.onSpinWait();
                }
                Pid child = announced.get(); // never null after the start has returned
                if (child != null) {
                    Processes.exit(child, ExitReason.KILL);
                }
            });
            Start<?> start = GenServer.startLink(Announcing::new, announced);
            over.set(1);
            if (start instanceof Start.Ok(Pid child)) {
                assertThat(Processes.receive(Exit.class, Duration.ofSeconds(20)))
                        .contains(new Exit(child, ExitReason.KILLED));
            } else {
                assertThat(start).isEqualTo(new Start.Failed<>(ExitReason.KILLED));
            }
            assertThat(Processes.flush()).isEmpty();
        }
    }

    @Test
    void a_process_that_is_killed_leaves_no_linked_child_behind() {
        Set<Pid> before = Set.copyOf(Processes.list());
        List<Pid> starters = new ArrayList<>();
        for (int i = 0; i < TIMES; i++) {
            Pid starter =
                    Processes.spawn(() -> {
                        while (true) {
                            Processes.spawnLink(Processes::receive);
                            GenServer.startLink(Announcing::new, new AtomicReference<>());
                        }
                    });
            starters.add(starter);
            if (i % 2 == 0) {
                Thread.onSpinWait();
            }
            Processes.exit(starter, ExitReason.KILL);
        }

        assertThat(starters).noneMatch(Processes::isAlive);
        await().atMost(Duration.ofSeconds(30)).until(() -> before.containsAll(Processes.list()));
    }

    @Test
    void a_process_that_is_killed_before_it_begins_does_not_run() {
        AtomicInteger stuck = new AtomicInteger();
        for (int i = 0; i < TIMES; i++) {
            Pid sleeper =
                    Processes.spawn(() -> {
                        stuck.incrementAndGet();
                        try {
                            Thread.sleep(Duration.ofHours(1));
                        } finally {
                            stuck.decrementAndGet();
                        }
                    });
            Processes.exit(sleeper, ExitReason.KILL);
        }

        await().atMost(Duration.ofSeconds(30)).until(() -> stuck.get() == 0);
    }

    @Test
    void a_thread_that_is_detached_while_it_is_killed_keeps_no_interrupt() {
        int interrupts =
                Outside.run(
                                () -> {
                                    int count = 0;
                                    for (int i = 0; i < TIMES; i++) {
                                        try (Attachment attached = Processes.attach()) {
                                            Pid pid = attached.pid();
                                            Thread.ofVirtual()
                                                    .start(() ->
                                                            Processes.exit(pid, ExitReason.KILL));
                                        }
                                        count += Thread.interrupted() ? 1 : 0;
                                    }
                                    return count;
                                })
                        .join();

        assertThat(interrupts).isZero();
    }

    /// A server may end while its stop request is still being delivered. The stop must not return
    /// before the monitors have been told.
    @Test
    void a_stop_returns_when_links_and_monitors_have_been_told() {
        Pid me = Processes.self();
        for (int i = 0; i < PAIRS; i++) {
            Processes.spawnLink(() -> Processes.send(me, downsThatCameLate()));
        }

        for (int i = 0; i < PAIRS; i++) {
            assertThat(Processes.receive(Integer.class)).isZero();
        }
    }

    private static int downsThatCameLate() {
        int late = 0;
        for (int i = 0; i < 4 * TIMES; i++) {
            Pid agent = Agent.start(() -> 0).pid();
            Ref monitor = Processes.monitor(agent);
            Agent.stop(agent);
            Down down = new Down(monitor, agent, ExitReason.NORMAL);
            if (!Processes.flush().equals(List.of(down))) {
                late++;
            }
        }
        return late;
    }
}
