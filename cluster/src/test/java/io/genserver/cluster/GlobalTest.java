package io.genserver.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Agent;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.Sys;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GlobalTest {

    private static final List<String> NODES = List.of("a", "b", "c");

    private final MemoryCluster cluster = new MemoryCluster(it -> it.withExpectedNodes(3));

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

    private boolean register(String node, String name, Pid pid) {
        return cluster.on(node, () -> Global.register(name, pid));
    }

    private Optional<Pid> whereis(String node, String name) {
        return cluster.on(node, () -> Global.whereis(name));
    }

    private void awaitName(String node, String name, Optional<Pid> pid) {
        cluster.awaitOn(node, () -> Global.whereis(name).equals(pid));
    }

    @Test
    void a_name_is_known_everywhere_when_it_is_registered() {
        Pid b = sleeperOn("b");

        assertThat(register("b", "mailer", b)).isTrue();
        for (String node : NODES) {
            assertThat(whereis(node, "mailer")).contains(b);
            assertThat(register(node, "mailer", sleeperOn(node))).isFalse();
            assertThat(register("b", "mailer", b)).isTrue();
        }
        cluster.on(
                "c",
                () -> {
                    Global.unregister("mailer");
                    return true;
                });
        NODES.forEach(node -> awaitName(node, "mailer", Optional.empty()));
    }

    @Test
    void a_name_is_free_when_its_process_has_ended_or_its_node_is_gone() {
        Pid b = sleeperOn("b");
        register("b", "mailer", b);
        Processes.exit(b, ExitReason.KILL);
        NODES.forEach(node -> awaitName(node, "mailer", Optional.empty()));

        register("b", "mailer", sleeperOn("b"));
        cluster.leave("b");
        awaitName("a", "mailer", Optional.empty());
        Pid c = sleeperOn("c");
        assertThat(register("c", "mailer", c)).isTrue();
        awaitName("a", "mailer", Optional.of(c));
    }

    @Test
    void of_those_that_race_for_a_name_one_gets_it() {
        for (int round = 0; round < 20; round++) {
            String name = "name " + round;
            List<CompletableFuture<Boolean>> races = new ArrayList<>();
            for (String node : NODES) {
                Pid pid = sleeperOn(node);
                races.add(CompletableFuture.supplyAsync(() -> register(node, name, pid)));
            }
            assertThat(races.stream().filter(CompletableFuture::join)).hasSize(1);
            Set<Object> seen = new HashSet<>();
            NODES.forEach(node -> seen.add(whereis(node, name)));
            assertThat(seen).hasSize(1);
        }
    }

    @Test
    void a_server_is_started_and_called_under_a_global_name() {
        Start<?> first =
                cluster.on(
                        "b", () -> Agent.start(() -> 42, StartOption.name(Global.via("answer"))));
        Start<?> second =
                cluster.on(
                        "c", () -> Agent.start(() -> 43, StartOption.name(Global.via("answer"))));

        assertThat(second)
                .isEqualTo(new Start.Failed<>(new ExitReason.AlreadyStarted(first.pid())));
        assertThat(cluster.on("a", () -> GenServer.whereis(Global.via("answer"))))
                .contains(first.pid());
        cluster.on(
                "a",
                () -> {
                    GenServer.stop(Global.via("answer"));
                    return true;
                });
        NODES.forEach(node -> awaitName(node, "answer", Optional.empty()));
    }

    @Test
    void in_a_partition_only_the_larger_side_registers_names() {
        cluster.network.partition(Set.of("c"));
        cluster.awaitNodes("c", List.of());
        cluster.awaitNodes("a", List.of("b"));
        cluster.awaitNodes("b", List.of("a"));

        assertThatThrownBy(() -> register("c", "mailer", sleeperOn("c")))
                .isInstanceOf(NoQuorumException.class)
                .hasMessageContaining("more than half");
        Pid a = sleeperOn("a");
        assertThat(register("b", "mailer", a)).isTrue();

        cluster.network.heal(Set.of("c"));
        awaitName("c", "mailer", Optional.of(a));
    }

    @Test
    void a_conflict_after_a_partition_ends_one_process_everywhere() throws IOException {
        try (MemoryCluster free = new MemoryCluster(it -> it).start("x", "y", "z")) {
            free.network.partition(Set.of("z"));
            free.awaitNodes("z", List.of());
            free.awaitNodes("x", List.of("y"));
            free.awaitNodes("y", List.of("x"));
            Pid y = free.on("y", () -> Processes.spawn(Processes::receive));
            Pid z = free.on("z", () -> Processes.spawn(Processes::receive));
            assertThat(free.on("y", () -> Global.register("mailer", y))).isTrue();
            assertThat(free.on("z", () -> Global.register("mailer", z))).isTrue();
            CompletableFuture<ExitReason> end = Processes.exitOf(z);

            free.network.heal(Set.of("z"));

            assertThat(end.orTimeout(20, TimeUnit.SECONDS).join())
                    .isEqualTo(ExitReason.of(new Global.NameConflict("mailer", y)));
            for (String node : List.of("x", "y", "z")) {
                free.awaitOn(node, () -> Global.whereis("mailer").equals(Optional.of(y)));
            }
            assertThat(Processes.isAlive(y)).isTrue();
        }
    }

    @Test
    void a_registration_goes_on_although_the_registrar_stops_in_order() {
        ServerRef registrar = ServerRef.name(GlobalRegistrar.NAME);
        cluster.on(
                "a",
                () -> {
                    Sys.suspend(registrar);
                    return true;
                });
        Pid b = sleeperOn("b");
        CompletableFuture<Boolean> registered =
                CompletableFuture.supplyAsync(() -> register("b", "mailer", b));
        cluster.awaitOn("a", () -> Processes.mailboxLength(registrar).orElse(0) > 0);
        cluster.on(
                "a",
                () -> {
                    GenServer.stop(registrar, ExitReason.SHUTDOWN, MemoryCluster.LONG);
                    return true;
                });
        assertThat(registered.orTimeout(20, TimeUnit.SECONDS).join()).isTrue();
        assertThat(whereis("c", "mailer")).contains(b);
    }

    @Test
    void a_server_of_names_that_restarts_learns_what_it_has_missed() {
        register("a", "kept", sleeperOn("a"));
        register("a", "freed", sleeperOn("a"));
        ServerRef server = ServerRef.name(GlobalNames.NAME);
        Pid before = cluster.on("b", () -> Processes.whereis(GlobalNames.NAME)).orElseThrow();
        cluster.on(
                "b",
                () -> {
                    Sys.suspend(server);
                    return true;
                });
        cluster.on(
                "a",
                () -> {
                    Global.unregister("freed");
                    return true;
                });
        cluster.awaitOn("b", () -> Processes.mailboxLength(server).orElse(0) > 0);

        Processes.exit(before, ExitReason.KILL);

        awaitName("b", "freed", Optional.empty());
        assertThat(whereis("b", "kept")).isPresent();
    }

    @Test
    void a_resolver_that_throws_or_returns_nonsense_ends_one_process_and_no_server()
            throws IOException {
        NameConflictResolver wrong =
                (name, _, _) -> {
                    if (name.equals("thrown")) {
                        throw new IllegalStateException("on purpose");
                    }
                    return Processes.spawn(() -> {});
                };
        try (MemoryCluster two =
                new MemoryCluster(it -> it.withNameConflict(wrong)).start("x", "y")) {
            List<Optional<Pid>> servers =
                    List.of(
                            two.on("x", () -> Processes.whereis(GlobalNames.NAME)),
                            two.on("y", () -> Processes.whereis(GlobalNames.NAME)));
            two.network.cut("x", "y");
            two.awaitNodes("x", List.of());
            two.awaitNodes("y", List.of());
            List<String> names = List.of("thrown", "stranger");
            for (String name : names) {
                for (String node : List.of("x", "y")) {
                    Pid pid = two.on(node, () -> Processes.spawn(Processes::receive));
                    assertThat(two.on(node, () -> Global.register(name, pid))).isTrue();
                }
            }
            two.network.heal("x", "y");
            for (String name : names) {
                for (String node : List.of("x", "y")) {
                    two.awaitOn(
                            node,
                            () ->
                                    Global.whereis(name)
                                            .filter(pid -> pid.node().equals("x@memory"))
                                            .isPresent());
                }
            }
            assertThat(
                            List.of(
                                    two.on("x", () -> Processes.whereis(GlobalNames.NAME)),
                                    two.on("y", () -> Processes.whereis(GlobalNames.NAME))))
                    .isEqualTo(servers);
        }
    }

    record Listed(int number) {}

    record Unlisted(int number) {}

    @Test
    void a_name_that_does_not_cross_is_refused_and_nothing_changes() {
        Pid a = sleeperOn("a");
        for (Object name : List.of(new Unlisted(1), "x".repeat(Portion.BYTES))) {
            for (int i = 0; i < 5; i++) { // more than the supervisor would restart a server
                assertThatThrownBy(() -> cluster.on("a", () -> Global.register(name, a)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("expected a ");
            }
        }
        assertThat(cluster.on("a", Global::names)).isEmpty();
        assertThat(register("a", "mailer", a)).isTrue();
    }

    @Test
    void a_name_of_a_type_that_a_node_lacks_is_refused_by_all() throws IOException {
        try (MemoryCluster mixed =
                new MemoryCluster(it ->
                        it.name().startsWith("z")
                                ? it
                                : it.withTypes(PayloadTypes.of(Listed.class)))) {
            mixed.start("x", "y", "z");
            Pid y = mixed.on("y", () -> Processes.spawn(Processes::receive));
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> mixed.on("y", () -> Global.register(new Listed(1), y)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("expected a name that all connected nodes");
            }
            mixed.awaitOn("x", () -> Global.names().isEmpty());
            mixed.awaitOn("y", () -> Global.names().isEmpty());
            assertThat(mixed.on("y", () -> Global.register("mailer", y))).isTrue();
        }
    }

    @Test
    void a_node_that_joins_gets_more_names_than_one_message_can_hold() throws IOException {
        try (MemoryCluster two = new MemoryCluster(it -> it.withMaxMessage(64 * 1024))) {
            two.start("x", "y");
            two.leave("y");
            two.awaitNodes("x", List.of());
            Pid pid = two.on("x", () -> Processes.spawn(Processes::receive));
            int names = 500;
            two.on(
                    "x",
                    () -> {
                        for (int i = 0; i < names; i++) {
                            assertThat(Global.register("x".repeat(300) + i, pid)).isTrue();
                        }
                        return pid;
                    });
            two.join("y");
            two.awaitOn("y", () -> Global.names().size() == names);
        }
    }

    @Test
    void a_name_is_free_although_its_process_ended_before_all_nodes_had_accepted_it() {
        Pid first = sleeperOn("b");
        cluster.network.hold("a", "c");
        CompletableFuture<Boolean> registered =
                CompletableFuture.supplyAsync(() -> register("b", "mailer", first));
        awaitName("a", "mailer", Optional.of(first));
        Processes.exit(first, ExitReason.KILL);
        cluster.awaitOn("b", () -> !Processes.isAlive(first));
        cluster.network.release("a", "c");

        registered.orTimeout(20, TimeUnit.SECONDS).join();
        NODES.forEach(node -> awaitName(node, "mailer", Optional.empty()));
        assertThat(register("b", "mailer", sleeperOn("b"))).isTrue();
    }

    @Test
    void a_node_forgets_a_name_when_it_has_no_connection_to_the_process() {
        cluster.network.cut("b", "c");
        cluster.awaitNodes("a", List.of("b", "c"));
        cluster.awaitNodes("b", List.of("a"));
        cluster.awaitNodes("c", List.of("a"));
        Pid b = sleeperOn("b");
        assertThat(register("b", "mailer", b)).isTrue();
        awaitName("a", "mailer", Optional.of(b));
        awaitName("c", "mailer", Optional.empty());

        cluster.network.heal("b", "c");
        awaitName("c", "mailer", Optional.of(b));
    }
}
