package io.genserver.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.RemoteException;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartException;
import io.genserver.StartOption;
import io.genserver.cluster.memory.MemoryNetwork;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Three nodes of this JVM in a cluster over memory.
class ClusterTest {

    private static final Duration LONG = Duration.ofSeconds(10);

    record Add(int amount) implements Call<Integer> {}

    record Fail() implements Call<Integer> {}

    record NotListed() implements Call<Integer> {}

    static final class Counter implements GenServer<Integer, Integer, Call<?>, Object> {
        @Override
        public Init<Integer> init(Integer start) {
            return Init.ok(start);
        }

        @Override
        public CallResult<Integer> handleCall(Call<?> request, From from, Integer state) {
            if (request instanceof Add add) {
                return CallResult.reply(add, state + add.amount(), state + add.amount());
            }
            throw new IllegalStateException("on purpose");
        }
    }

    private final MemoryNetwork network = new MemoryNetwork(7);
    private final List<Cluster> clusters = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();

    private Node start(String name) throws IOException {
        Node node = Node.start(name);
        nodes.add(node);
        join(node, name);
        return node;
    }

    private void join(Node node, String name) throws IOException {
        ClusterOptions options =
                ClusterOptions.named(name + "@memory")
                        .withCookie("a secret of this test")
                        .withTypes(PayloadTypes.of(Add.class, Fail.class))
                        .withServer("counter", Counter::new)
                        .withFunction(
                                "register",
                                (String it) -> {
                                    Processes.register(Processes.self(), it);
                                    Processes.receive();
                                });
        clusters.add(node.call(() -> Cluster.start(options, network.engine(name))));
    }

    @AfterEach
    void close() {
        clusters.forEach(Cluster::close);
        nodes.forEach(Node::close);
    }

    private static void awaitNodes(Node node, String... names) {
        await().atMost(LONG).until(() -> node.call(Cluster::nodes).equals(List.of(names)));
    }

    private static <T> T inProcess(Node node, Callable<T> body) {
        CompletableFuture<T> result = new CompletableFuture<>();
        node.run(() ->
                Processes.spawn(() -> {
                    try {
                        result.complete(body.call());
                    } catch (Throwable thrown) {
                        result.completeExceptionally(thrown);
                    }
                }));
        return result.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private static Pid counterOn(Node node, String name) {
        return node.call(() -> GenServer.start(Counter::new, 10, StartOption.name(name)).pid());
    }

    /// Kills a server of the cluster once more than its supervisor restarts it.
    private static void breakServers(Node node) {
        Set<Pid> killed = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            await().atMost(LONG)
                    .until(() ->
                            node.call(() -> Processes.whereis(GlobalNames.NAME))
                                    .filter(killed::add)
                                    .isPresent());
            killed.forEach(pid -> Processes.exit(pid, ExitReason.KILL));
        }
    }

    @Test
    void a_node_whose_servers_of_the_cluster_give_up_leaves_it_and_may_join_again()
            throws IOException {
        Node a = start("a");
        Node b = start("b");
        awaitNodes(b, "a@memory");

        breakServers(a);

        await().atMost(LONG).until(() -> !a.call(Cluster::isAlive));
        awaitNodes(b);
        await().atMost(LONG)
                .ignoreExceptions()
                .until(() -> {
                    join(a, "a");
                    return true;
                });
        awaitNodes(b, "a@memory");
    }

    @Test
    void the_child_of_a_supervisor_is_restarted_when_the_servers_of_the_cluster_give_up()
            throws IOException {
        Node b = start("b");
        Node a = Node.start("a");
        nodes.add(a);
        ClusterOptions options =
                ClusterOptions.named("a@memory").withCookie("a secret of this test");
        a.run(() ->
                Supervisor.start(
                        List.of(Cluster.childSpec(options, () -> network.engine("a"))),
                        SupervisorFlags.of(Strategy.ONE_FOR_ONE)));
        awaitNodes(b, "a@memory");
        Pid before = a.call(() -> Processes.whereis(Kernel.NAME)).orElseThrow();

        breakServers(a);

        await().atMost(LONG)
                .until(() ->
                        a.call(() -> Processes.whereis(Kernel.NAME))
                                .filter(kernel -> !kernel.equals(before))
                                .isPresent());
        awaitNodes(b, "a@memory");
        awaitNodes(a, "b@memory");
    }

    @Test
    void nodes_find_each_other_and_call_each_others_servers() throws IOException {
        Node a = start("a");
        Node b = start("b");
        Node c = start("c");
        awaitNodes(a, "b@memory", "c@memory");
        awaitNodes(b, "a@memory", "c@memory");
        awaitNodes(c, "a@memory", "b@memory");
        counterOn(b, "counter");

        ServerRef counter = ServerRef.name("counter", "b@memory");
        assertThat(a.<Integer, RuntimeException>call(() -> GenServer.call(counter, new Add(1))))
                .isEqualTo(11);
        assertThat(c.<Integer, RuntimeException>call(() -> GenServer.call(counter, new Add(1))))
                .isEqualTo(12);
        assertThat(a.call(Cluster::self)).isEqualTo("a@memory");
        assertThat(a.call(Cluster::isAlive)).isTrue();
        assertThat(Cluster.isAlive()).isFalse();
        assertThat(Cluster.nodes()).isEmpty();
    }

    @Test
    void a_supervisor_has_a_child_on_another_node() throws IOException {
        Node a = start("a");
        start("b");
        awaitNodes(a, "b@memory");
        ChildSpec<?> far =
                ChildSpec.worker(
                        "far",
                        () -> {
                            Start<?> start = Cluster.startServer("b@memory", "counter", 10, LONG);
                            Processes.link(start.pid());
                            return start;
                        });
        Pid supervisor =
                a.call(() ->
                        Supervisor.start(List.of(far), SupervisorFlags.of(Strategy.ONE_FOR_ONE))
                                .pid());
        Supplier<Pid> child =
                () ->
                        a.call(() -> Supervisor.whichChildren(supervisor))
                                .getFirst()
                                .pid()
                                .orElseThrow();
        Pid first = child.get();

        assertThat(a.call(() -> Supervisor.countChildren(supervisor)).active()).isEqualTo(1);
        a.run(() -> Processes.exit(first, ExitReason.KILL));
        await().atMost(LONG).until(() -> !child.get().equals(first));
        Pid second = child.get();
        assertThat(second.node()).isEqualTo("b@memory");
        a.run(() -> Supervisor.stop(supervisor));
        assertThat(a.call(() -> Processes.info(second))).isEmpty();
    }

    @Test
    void a_crash_crosses_as_text() throws IOException {
        Node a = start("a");
        Node b = start("b");
        awaitNodes(a, "b@memory");
        Pid counter = counterOn(b, "counter");

        CallException failed =
                catchThrowableOfType(
                        CallException.class,
                        () ->
                                a.call(() ->
                                        GenServer.call(
                                                ServerRef.name("counter", "b@memory"),
                                                new Fail())));
        assertThat(failed.serverReason().cause())
                .isInstanceOfSatisfying(
                        RemoteException.class,
                        thrown -> {
                            assertThat(thrown.className())
                                    .isEqualTo("java.lang.IllegalStateException");
                            assertThat(thrown.originalMessage()).isEqualTo("on purpose");
                            assertThat(thrown.stackText()).contains("ClusterTest");
                        });
        assertThat(Processes.isAlive(counter)).isFalse();
    }

    @Test
    void a_value_that_is_not_listed_is_refused_where_it_is_sent() throws IOException {
        Node a = start("a");
        Node b = start("b");
        awaitNodes(a, "b@memory");
        counterOn(b, "counter");

        ServerRef counter = ServerRef.name("counter", "b@memory");
        assertThatThrownBy(() -> a.call(() -> GenServer.call(counter, new NotListed())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NotListed");
        assertThat(a.<Integer, RuntimeException>call(() -> GenServer.call(counter, new Add(1))))
                .isEqualTo(11);
    }

    @Test
    void a_cut_is_noticed_by_both_and_pids_work_again_after_it() throws IOException {
        Node a = start("a");
        Node b = start("b");
        awaitNodes(a, "b@memory");
        counterOn(b, "counter");
        ServerRef name = ServerRef.name("counter", "b@memory");

        inProcess(
                a,
                () -> {
                    Cluster.monitorNodes(true);
                    Pid counter = GenServer.whereis(name).orElseThrow();
                    Ref monitor = Processes.monitor(counter);
                    network.cut("a", "b");
                    assertThat(Processes.receive())
                            .isEqualTo(new Down(monitor, counter, ExitReason.NOCONNECTION));
                    assertThat(Processes.receive()).isEqualTo(new NodeDown("b@memory"));
                    awaitNodes(b);
                    CallException failed =
                            catchThrowableOfType(
                                    CallException.class, () -> GenServer.call(counter, new Add(1)));
                    assertThat(failed.serverReason())
                            .isEqualTo(new ExitReason.NodeDown("b@memory"));
                    network.heal("a", "b");
                    assertThat(Processes.receive()).isEqualTo(new NodeUp("b@memory"));
                    assertThat(GenServer.call(counter, new Add(1))).isEqualTo(11);
                    return true;
                });
    }

    @Test
    void a_pid_of_a_node_that_has_started_again_is_dead() throws IOException {
        Node a = start("a");
        Node b = start("b");
        awaitNodes(a, "b@memory");
        counterOn(b, "counter");
        Pid old =
                a.call(() -> GenServer.whereis(ServerRef.name("counter", "b@memory")))
                        .orElseThrow();

        clusters.removeLast().close();
        awaitNodes(a);
        join(b, "b");
        awaitNodes(a, "b@memory");

        inProcess(
                a,
                () -> {
                    Ref monitor = Processes.monitor(old);
                    assertThat(Processes.receive())
                            .isEqualTo(new Down(monitor, old, ExitReason.NOPROC));
                    return true;
                });
        Pid now =
                a.call(() -> GenServer.whereis(ServerRef.name("counter", "b@memory")))
                        .orElseThrow();
        assertThat(now).isNotEqualTo(old);
    }

    @Test
    void a_node_starts_what_others_have_listed_and_nothing_else() throws IOException {
        Node a = start("a");
        Node b = start("b");
        awaitNodes(a, "b@memory");

        a.run(() -> {
            Start<Counter> started = Cluster.startServer("b@memory", "counter", 5, LONG);
            assertThat(started.pid().node()).isEqualTo("b@memory");
            assertThat(GenServer.call(started.server(), new Add(1))).isEqualTo(6);
            Pid spawned = Cluster.spawn("b@memory", "register", "spawned");
            await().until(() -> b.call(() -> Processes.whereis("spawned")).isPresent());
            assertThat(b.call(() -> Processes.whereis("spawned"))).contains(spawned);
            assertThatThrownBy(() -> Cluster.spawn("b@memory", "java.lang.Runtime", "x"))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("java.lang.Runtime");
        });
    }

    @Test
    void a_wrong_cookie_keeps_a_node_out() throws IOException {
        Node a = start("a");
        Node rogue = Node.start("rogue");
        nodes.add(rogue);
        ClusterOptions options = ClusterOptions.named("rogue@memory").withCookie("guessed");
        clusters.add(rogue.call(() -> Cluster.start(options, network.engine("rogue"))));
        Node b = start("b");
        awaitNodes(a, "b@memory");
        awaitNodes(b, "a@memory");

        assertThat(rogue.call(Cluster::nodes)).isEmpty();
        assertThat(a.call(Cluster::nodes)).containsExactly("b@memory");
    }

    @Test
    void a_child_of_a_supervisor_keeps_the_node_in_the_cluster() throws IOException {
        Node a = start("a");
        Node b = Node.start("b");
        nodes.add(b);
        ClusterOptions options =
                ClusterOptions.named("b@memory").withCookie("a secret of this test");
        Pid supervisor =
                b.call(() ->
                        Supervisor.start(
                                        List.of(
                                                Cluster.childSpec(
                                                        options, () -> network.engine("b"))),
                                        SupervisorFlags.of(Strategy.ONE_FOR_ONE))
                                .pid());
        awaitNodes(a, "b@memory");

        b.run(() -> Supervisor.stop(supervisor));
        awaitNodes(a);
        assertThat(b.name()).isEqualTo("b");
    }

    @Test
    void a_node_that_is_closed_leaves_the_cluster() throws IOException {
        Node a = start("a");
        Node b = start("b");
        awaitNodes(a, "b@memory");

        b.close();
        awaitNodes(a);
        start("b"); // its engine is closed, so the name is free in the network
        awaitNodes(a, "b@memory");
    }

    @Test
    void options_are_checked() {
        assertThatThrownBy(() -> ClusterOptions.named("no host"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a node's name such as shop@127.0.0.1, got: \"no host\"");
        Node node = Node.start();
        nodes.add(node);
        assertThatThrownBy(() ->
                        node.call(() ->
                                Cluster.start(
                                        ClusterOptions.named("a@memory"), network.engine("a"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected one cookie");
        assertThat(node.name()).doesNotContain("memory");
    }

    @Test
    void a_node_leaves_the_cluster_although_its_servers_have_ended() throws IOException {
        try (MemoryCluster memory = new MemoryCluster(it -> it).start("x")) {
            memory.awaitOn(
                    "x",
                    () -> {
                        GenServer.whereis(ServerRef.name(GroupsServer.NAME))
                                .ifPresent(server -> Processes.exit(server, ExitReason.KILL));
                        return GenServer.whereis(ServerRef.name(Kernel.NAME)).isEmpty();
                    });
            memory.leave("x");
            assertThat(memory.on("x", Cluster::isAlive)).isFalse();
        }
    }
}
