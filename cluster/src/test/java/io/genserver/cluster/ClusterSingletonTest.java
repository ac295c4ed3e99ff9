package io.genserver.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.Agent;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClusterSingletonTest {

    private static final List<String> NODES = List.of("a", "b", "c");

    private final MemoryCluster cluster = new MemoryCluster(it -> it.withExpectedNodes(3));

    /// Every process that was started, on any node.
    private final Queue<Pid> started = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void start() throws IOException {
        cluster.start("a", "b", "c");
        for (String node : NODES) {
            cluster.on(
                    node,
                    () ->
                            Supervisor.start(
                                    List.of(
                                            ClusterSingleton.childSpec(
                                                    "clock",
                                                    () ->
                                                            Agent.startLink(
                                                                    () -> {
                                                                        started.add(
                                                                                Processes.self());
                                                                        return node;
                                                                    },
                                                                    StartOption.name(
                                                                            Global.via("clock"))))),
                                    SupervisorFlags.of(Strategy.ONE_FOR_ONE)));
        }
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private Pid awaitRunning(String seenFrom, Optional<Pid> not) {
        await().atMost(MemoryCluster.LONG)
                .until(() -> {
                    Optional<Pid> now = cluster.on(seenFrom, () -> Global.whereis("clock"));
                    return now.isPresent() && !now.equals(not);
                });
        return cluster.on(seenFrom, () -> Global.whereis("clock")).orElseThrow();
    }

    private long alive() {
        return started.stream().filter(Processes::isAlive).count();
    }

    @Test
    void it_runs_once_and_somewhere_else_if_its_node_goes() {
        Pid first = awaitRunning("a", Optional.empty());
        assertThat(alive()).isEqualTo(1);

        String home = first.node().substring(0, 1);
        cluster.leave(home);
        String other = home.equals("a") ? "b" : "a";
        Pid second = awaitRunning(other, Optional.of(first));

        assertThat(second.node()).isNotEqualTo(first.node());
        await().atMost(MemoryCluster.LONG).until(() -> alive() == 1);
    }

    @Test
    void it_comes_back_after_a_crash() {
        Pid first = awaitRunning("a", Optional.empty());

        Processes.exit(
                started.stream().filter(Processes::isAlive).findFirst().orElseThrow(),
                ExitReason.KILL);
        awaitRunning("a", Optional.of(first));
        await().atMost(MemoryCluster.LONG).until(() -> alive() == 1);
    }

    @Test
    void in_a_partition_it_runs_on_the_larger_side_only() {
        Pid first = awaitRunning("a", Optional.empty());
        String home = first.node().substring(0, 1);
        String other = home.equals("a") ? "b" : "a";

        cluster.network.partition(Set.of(home));
        Pid second = awaitRunning(other, Optional.of(first));
        await().atMost(MemoryCluster.LONG).until(() -> alive() == 1);

        cluster.network.heal(Set.of(home));
        assertThat(awaitRunning(home, Optional.empty()).node()).isEqualTo(second.node());
        await().atMost(MemoryCluster.LONG).until(() -> alive() == 1);
    }
}
