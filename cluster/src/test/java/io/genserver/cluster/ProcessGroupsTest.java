package io.genserver.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessGroupsTest {

    private static final String GROUP = "shoppers";

    private final MemoryCluster cluster = new MemoryCluster(UnaryOperator.identity());

    @BeforeEach
    void start() throws IOException {
        cluster.start("a", "b", "c");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private Pid sleeperOn(String node) {
        return cluster.on(node, () -> Processes.spawn(Processes::receive));
    }

    private Pid memberOn(String node) {
        Pid pid = sleeperOn(node);
        cluster.on(
                node,
                () -> {
                    ProcessGroups.join(GROUP, pid);
                    return pid;
                });
        return pid;
    }

    private void awaitMembers(String node, Pid... members) {
        cluster.awaitOn(
                node,
                () -> {
                    List<Pid> now = ProcessGroups.members(GROUP);
                    return now.size() == members.length && Set.copyOf(now).equals(Set.of(members));
                });
    }

    @Test
    void every_node_knows_the_members_until_they_leave_or_end() {
        Pid a = memberOn("a");
        Pid b = memberOn("b");
        awaitMembers("a", a, b);
        awaitMembers("b", a, b);
        awaitMembers("c", a, b);
        assertThat(cluster.on("a", () -> ProcessGroups.localMembers(GROUP))).containsExactly(a);
        assertThat(cluster.on("c", ProcessGroups::groups)).containsExactly(GROUP);

        assertThat(cluster.on("a", () -> ProcessGroups.leave(GROUP, a))).isTrue();
        assertThat(cluster.on("a", () -> ProcessGroups.leave(GROUP, a))).isFalse();
        awaitMembers("c", b);
        Processes.exit(b, ExitReason.KILL);
        awaitMembers("c");
        cluster.awaitOn("c", () -> ProcessGroups.groups().isEmpty());
    }

    @Test
    void two_joins_need_two_leaves() {
        Pid a = memberOn("a");
        cluster.on(
                "a",
                () -> {
                    ProcessGroups.join(GROUP, a);
                    return a;
                });
        cluster.awaitOn("b", () -> ProcessGroups.members(GROUP).equals(List.of(a, a)));

        cluster.on("a", () -> ProcessGroups.leave(GROUP, a));
        awaitMembers("b", a);
        cluster.on("a", () -> ProcessGroups.leave(GROUP, a));
        awaitMembers("b");
    }

    @Test
    void a_process_joins_on_its_own_node() {
        Pid b = sleeperOn("b");

        assertThatThrownBy(() -> cluster.on("a", () -> ProcessGroups.leave(GROUP, b)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected a process of this node");
        assertThatThrownBy(() -> ProcessGroups.members(GROUP))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_partition_shows_each_side_its_own_members_and_a_heal_all_of_them() {
        Pid a = memberOn("a");
        Pid b = memberOn("b");
        awaitMembers("c", a, b);
        cluster.network.partition(Set.of("b"));
        awaitMembers("a", a);
        awaitMembers("b", b);
        Pid late = memberOn("b");
        cluster.on("a", () -> ProcessGroups.leave(GROUP, a));

        cluster.network.heal(Set.of("b"));
        for (String node : List.of("a", "b", "c")) {
            awaitMembers(node, b, late);
        }
    }

    @Test
    void a_monitor_tells_each_change() {
        Pid first = memberOn("a");
        awaitMembers("b", first);

        cluster.inProcess(
                "b",
                () -> {
                    ProcessGroups.Monitored monitored = ProcessGroups.monitor(GROUP);
                    assertThat(monitored.members()).containsExactly(first);
                    Pid second = memberOn("c");
                    assertThat(Processes.receive())
                            .isEqualTo(
                                    new ProcessGroups.Joined(
                                            monitored.monitor(), GROUP, List.of(second)));
                    Processes.exit(first, ExitReason.KILL);
                    assertThat(Processes.receive())
                            .isEqualTo(
                                    new ProcessGroups.Left(
                                            monitored.monitor(), GROUP, List.of(first)));
                    assertThat(ProcessGroups.demonitor(monitored.monitor())).isTrue();
                    assertThat(ProcessGroups.demonitor(monitored.monitor())).isFalse();
                    cluster.on("c", () -> ProcessGroups.leave(GROUP, second));
                    awaitMembers("b");
                    assertThat(Processes.flush()).isEmpty();
                    return true;
                });
    }

    @Test
    void a_server_of_groups_that_crashes_comes_back_with_all_members() {
        Pid a = memberOn("a");
        Pid b = memberOn("b");
        awaitMembers("a", a, b);
        Pid server =
                cluster.on("a", () -> GenServer.whereis(ServerRef.name(GroupsServer.NAME)))
                        .orElseThrow();
        Processes.exit(server, ExitReason.KILL);
        cluster.awaitOn(
                "a",
                () ->
                        GenServer.whereis(ServerRef.name(GroupsServer.NAME))
                                .filter(now -> !now.equals(server))
                                .isPresent());

        awaitMembers("a", a, b);
        Processes.exit(a, ExitReason.KILL);
        for (String node : List.of("a", "b", "c")) {
            awaitMembers(node, b);
        }
    }

    record Listed(int number) {}

    record Unlisted(int number) {}

    private static Pid server(MemoryCluster cluster, String node) {
        return cluster.on(node, () -> GenServer.whereis(ServerRef.name(GroupsServer.NAME)))
                .orElseThrow();
    }

    private static void join(MemoryCluster cluster, String node, Object group, Pid pid) {
        cluster.on(
                node,
                () -> {
                    ProcessGroups.join(group, pid);
                    return pid;
                });
    }

    @Test
    void a_group_whose_name_does_not_cross_is_refused_and_nothing_changes() {
        Pid pid = sleeperOn("a");
        Pid server = server(cluster, "a");
        for (Object group : List.of(new Unlisted(1), "x".repeat(Portion.BYTES))) {
            assertThatThrownBy(() -> join(cluster, "a", group, pid))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a ");
        }
        assertThat(cluster.on("a", ProcessGroups::groups)).isEmpty();
        join(cluster, "a", GROUP, pid);
        awaitMembers("b", pid);
        assertThat(server(cluster, "a")).isEqualTo(server);
    }

    @Test
    void a_node_that_lacks_the_type_of_a_name_gets_the_other_groups() throws IOException {
        try (MemoryCluster mixed =
                new MemoryCluster(it ->
                        it.name().startsWith("z")
                                ? it
                                : it.withTypes(PayloadTypes.of(Listed.class)))) {
            mixed.start("x", "y", "z");
            Pid pid = mixed.on("x", () -> Processes.spawn(Processes::receive));
            Pid server = server(mixed, "x");
            join(mixed, "x", new Listed(1), pid);
            join(mixed, "x", GROUP, pid);
            mixed.awaitOn("y", () -> ProcessGroups.groups().equals(Set.of(new Listed(1), GROUP)));
            mixed.awaitOn("z", () -> ProcessGroups.groups().equals(Set.of(GROUP)));
            mixed.leave("z");
            mixed.join("z");
            mixed.awaitOn("z", () -> ProcessGroups.groups().equals(Set.of(GROUP)));
            assertThat(server(mixed, "x")).isEqualTo(server);
        }
    }

    @Test
    void a_node_that_joins_gets_more_than_one_message_can_hold() throws IOException {
        try (MemoryCluster two = new MemoryCluster(it -> it.withMaxMessage(64 * 1024))) {
            two.start("x", "y");
            two.leave("y");
            two.awaitNodes("x", List.of());
            Pid pid = two.on("x", () -> Processes.spawn(Processes::receive));
            int groups = 500;
            int joins = 8_000;
            two.on(
                    "x",
                    () -> {
                        for (int i = 0; i < groups; i++) {
                            ProcessGroups.join("x".repeat(300) + i, pid);
                        }
                        for (int i = 0; i < joins; i++) {
                            ProcessGroups.join(GROUP, pid);
                        }
                        return pid;
                    });
            two.join("y");
            two.awaitOn("y", () -> ProcessGroups.groups().size() == groups + 1);
            two.awaitOn("y", () -> ProcessGroups.members(GROUP).size() == joins);
        }
    }

    @Test
    void a_node_that_takes_nothing_delays_nobody_and_gets_everything_later() throws IOException {
        try (MemoryCluster three = new MemoryCluster(it -> it.withQueue(64 * 1024))) {
            three.start("x", "y", "z");
            three.network.hold("x", "z");
            Pid pid = three.on("x", () -> Processes.spawn(Processes::receive));
            int groups = 3_000;
            three.on(
                    "x",
                    () -> {
                        for (int i = 0; i < groups; i++) {
                            ProcessGroups.join("x".repeat(500) + i, pid);
                        }
                        return pid;
                    });
            three.awaitOn("y", () -> ProcessGroups.groups().size() == groups);
            three.network.release("x", "z");
            three.awaitOn("z", () -> ProcessGroups.groups().size() == groups);
        }
    }
}
