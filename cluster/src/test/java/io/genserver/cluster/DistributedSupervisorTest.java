package io.genserver.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Sys;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DistributedSupervisorTest {

    private static final int KEYS = 60;

    record Add(int amount) implements Call<Integer> {}

    /// The live servers of each key, on any node.
    private final Map<String, Set<Pid>> alive = new ConcurrentHashMap<>();

    /// How many servers have begun to end.
    private final AtomicInteger ending = new AtomicInteger();

    /// The node on which no server can start.
    private volatile String full = "";

    /// What each server waits for before it ends.
    private volatile CompletableFuture<Boolean> mayEnd = CompletableFuture.completedFuture(true);

    /// What each server waits for before it starts.
    private volatile CompletableFuture<Boolean> mayStart = CompletableFuture.completedFuture(true);

    private final Map<String, Pid> supervisors = new ConcurrentHashMap<>();

    /// Whether a key ever had two live servers.
    private final AtomicBoolean doubled = new AtomicBoolean();

    final class Cart implements GenServer<Optional<Integer>, Integer, Add, String> {
        private final String key;

        Cart(String key) {
            this.key = key;
        }

        @Override
        public Init<Integer> init(Optional<Integer> state) {
            mayStart.join();
            if (Placement.here().equals(full)) {
                return Init.stop(ExitReason.of("no room"));
            }
            Set<Pid> servers = alive.computeIfAbsent(key, _ -> ConcurrentHashMap.newKeySet());
            servers.add(Processes.self());
            if (servers.stream().filter(Processes::isAlive).count() > 1) {
                doubled.set(true);
            }
            return Init.ok(state.orElse(0));
        }

        @Override
        public CallResult<Integer> handleCall(Add add, From from, Integer total) {
            return CallResult.reply(add, total + add.amount(), total + add.amount());
        }

        @Override
        public CastResult<Integer> handleCast(String crash, Integer total) {
            throw new IllegalStateException(crash);
        }

        @Override
        public void terminate(ExitReason reason, Integer total) {
            ending.incrementAndGet();
            mayEnd.join();
        }
    }

    private final DistributedSupervisor<String, Cart> carts =
            DistributedSupervisor.<String, Integer, Cart>of("carts", Cart::new).withHandOver();

    private final MemoryCluster cluster =
            new MemoryCluster(it -> it.withExpectedNodes(3).withTypes(PayloadTypes.of(Add.class)));

    @AfterEach
    void close() {
        mayStart.complete(true);
        mayEnd.complete(true);
        cluster.close();
    }

    private void start(String... nodes) throws IOException {
        cluster.start(nodes);
        for (String node : nodes) {
            runOn(node);
        }
    }

    private void runOn(String node) {
        supervisors.put(
                node,
                cluster.on(
                                node,
                                () ->
                                        Supervisor.start(
                                                List.of(carts.childSpec()),
                                                SupervisorFlags.of(Strategy.ONE_FOR_ONE)))
                        .pid());
    }

    private void stopOn(String node) {
        cluster.on(
                node,
                () -> {
                    Supervisor.stop(Objects.requireNonNull(supervisors.remove(node)));
                    return true;
                });
    }

    private int add(String node, String key, int amount) {
        return cluster.on(node, () -> GenServer.call(carts.server(key), new Add(amount)));
    }

    private static List<String> keys() {
        return IntStream.range(0, KEYS).mapToObj(i -> "key " + i).toList();
    }

    private Map<String, Long> perNode(String seenFrom) {
        return cluster.on(
                seenFrom,
                () ->
                        keys().stream()
                                .flatMap(key -> carts.whereis(key).stream())
                                .collect(Collectors.groupingBy(Pid::node, Collectors.counting())));
    }

    private void awaitKeysOn(String seenFrom, String... nodes) {
        Set<String> wanted =
                List.of(nodes).stream().map(it -> it + "@memory").collect(Collectors.toSet());
        await().atMost(MemoryCluster.LONG)
                .untilAsserted(() -> {
                    assertThat(unknown(seenFrom))
                            .as(() -> "not known: " + unknown(nodes))
                            .isEmpty();
                    assertThat(perNode(seenFrom)).containsOnlyKeys(wanted);
                });
    }

    /// Returns which keys a node does not know, for each node.
    private Map<String, List<String>> unknown(String... nodes) {
        Map<String, List<String>> unknown = new TreeMap<>();
        for (String node : nodes) {
            List<String> keys =
                    cluster.on(
                            node,
                            () ->
                                    keys().stream()
                                            .filter(key -> carts.whereis(key).isEmpty())
                                            .toList());
            if (!keys.isEmpty()) {
                unknown.put(node, keys);
            }
        }
        return unknown;
    }

    @Test
    void every_key_has_one_server_that_all_nodes_use() throws IOException {
        start("a", "b", "c");

        for (String key : keys()) {
            assertThat(add("a", key, 1)).isEqualTo(1);
            assertThat(add("b", key, 1)).isEqualTo(2);
            assertThat(add("c", key, 1)).isEqualTo(3);
        }
        awaitKeysOn("a", "a", "b", "c");
        assertThat(perNode("b").values()).allMatch(count -> count > KEYS / 10);
        assertThat(doubled).isFalse();
    }

    @Test
    void those_that_race_for_a_key_find_the_same_server() throws IOException {
        start("a", "b", "c");

        for (String key : keys()) {
            List<CompletableFuture<Integer>> races = new ArrayList<>();
            for (String node : List.of("a", "b", "c")) {
                races.add(CompletableFuture.supplyAsync(() -> add(node, key, 1)));
            }
            assertThat(races.stream().map(CompletableFuture::join))
                    .containsExactlyInAnyOrder(1, 2, 3);
        }
        assertThat(doubled).isFalse();
    }

    @Test
    void keys_move_with_their_state_to_a_node_that_comes() throws IOException {
        MemoryCluster two = cluster;
        two.start("a", "b", "c");
        runOn("a");
        runOn("b");
        for (String key : keys()) {
            add("a", key, 7);
        }
        awaitKeysOn("a", "a", "b");

        runOn("c");
        awaitKeysOn("a", "a", "b", "c");
        awaitKeysOn("c", "a", "b", "c");
        for (String key : keys()) {
            assertThat(add("c", key, 1)).isEqualTo(8);
        }
        assertThat(doubled).isFalse();
    }

    @Test
    void keys_move_with_their_state_away_from_a_node_that_is_drained() throws IOException {
        start("a", "b", "c");
        for (String key : keys()) {
            add("a", key, 7);
        }
        awaitKeysOn("a", "a", "b", "c");

        assertThat(cluster.on("c", () -> carts.drain(MemoryCluster.LONG))).isTrue();

        awaitKeysOn("c", "a", "b");
        for (String key : keys()) {
            assertThat(add("c", key, 1)).isEqualTo(8);
        }
        assertThat(add("c", "a new key", 2)).isEqualTo(2);
        assertThat(doubled).isFalse();
    }

    @Test
    void a_node_without_others_is_not_drained() throws IOException {
        cluster.start("a", "b", "c");
        runOn("a");
        add("a", "key 1", 7);

        assertThat(cluster.on("a", () -> carts.drain(MemoryCluster.LONG))).isFalse();

        assertThat(add("a", "key 1", 1)).isEqualTo(8);
    }

    @Test
    void calls_lose_nothing_while_keys_move() throws Exception {
        cluster.start("a", "b", "c");
        runOn("a");
        runOn("b");
        CompletableFuture<Integer> calls =
                CompletableFuture.supplyAsync(() -> {
                    int rounds = 0;
                    for (; rounds < 40; rounds++) {
                        for (String key : keys().subList(0, 10)) {
                            assertThat(add("a", key, 1)).isEqualTo(rounds + 1);
                        }
                    }
                    return rounds;
                });
        await().until(() -> !alive.isEmpty());
        runOn("c");

        assertThat(calls.get()).isEqualTo(40);
        assertThat(doubled).isFalse();
    }

    @Test
    void the_keys_of_a_lost_node_start_on_others() throws IOException {
        start("a", "b", "c");
        for (String key : keys()) {
            add("a", key, 1);
        }
        awaitKeysOn("a", "a", "b", "c");

        cluster.network.partition(Set.of("c"));
        awaitKeysOn("a", "a", "b");
        await().atMost(MemoryCluster.LONG)
                .until(() -> cluster.on("c", () -> carts.keys().isEmpty()));
        assertThatThrownBy(() -> add("c", "key 1", 1))
                .isInstanceOf(CallException.class)
                .hasMessageContaining("more than half");

        cluster.network.heal(Set.of("c"));
        awaitKeysOn("a", "a", "b", "c");
        awaitKeysOn("c", "a", "b", "c");
        await().atMost(MemoryCluster.LONG)
                .until(() ->
                        keys().stream()
                                .allMatch(key ->
                                        alive.getOrDefault(key, Set.of()).stream()
                                                        .filter(Processes::isAlive)
                                                        .count()
                                                == 1));
    }

    @Test
    void a_server_that_crashes_or_is_stopped_starts_again_at_the_next_use() throws IOException {
        start("a", "b", "c");
        add("a", "key 1", 5);

        cluster.on(
                "a",
                () -> {
                    GenServer.cast(carts.server("key 1"), "on purpose");
                    return true;
                });
        await().atMost(MemoryCluster.LONG).until(() -> add("a", "key 1", 0) == 0);
        assertThat(cluster.on("b", () -> carts.stop("key 1"))).isTrue();
        assertThat(cluster.on("b", () -> carts.stop("no such key"))).isFalse();
        assertThat(add("c", "key 1", 2)).isEqualTo(2);
        assertThat(doubled).isFalse();
    }

    @Test
    void no_key_has_two_servers_while_a_node_stops_its_supervisor() throws IOException {
        start("a", "b", "c");
        for (String key : keys()) {
            add("b", key, 1);
        }

        CompletableFuture<Void> stop = CompletableFuture.runAsync(() -> stopOn("a"));
        for (String key : keys()) {
            add("b", key, 1);
        }
        stop.join();
        awaitKeysOn("b", "b", "c");
        assertThat(doubled).isFalse();
    }

    @Test
    void two_nodes_that_come_shortly_after_each_other_get_their_keys_with_all_states()
            throws IOException {
        cluster.start("a", "b", "c");
        runOn("a");
        runOn("b");
        runOn("c");
        for (String key : keys()) {
            add("a", key, 7);
        }
        stopOn("b");
        stopOn("c");
        awaitKeysOn("a", "a");
        for (String key : keys()) {
            int now = add("a", key, 0);
            add("a", key, 7 - now);
        }

        runOn("b");
        runOn("c");
        awaitKeysOn("a", "a", "b", "c");
        for (String key : keys()) {
            assertThat(add("c", key, 0)).isEqualTo(7);
        }
        assertThat(doubled).isFalse();
    }

    /// Starts all servers on a, and then a supervisor on c, whose servers wait for those of a to
    /// end.
    private void beginToMoveFromAToC() throws IOException {
        cluster.start("a", "b", "c");
        runOn("a");
        for (String key : keys()) {
            add("a", key, 7);
        }
        mayEnd = new CompletableFuture<>();
        runOn("c");
        await().atMost(MemoryCluster.LONG).until(() -> ending.get() > 0);
    }

    private boolean belongsToA(String key) {
        return Placement.owner("carts", key).equals("a@memory");
    }

    private void awaitAllKeysBackOnA() {
        awaitKeysOn("a", "a");
        for (String key : keys()) {
            assertThat(add("a", key, 1)).isEqualTo(8);
        }
        assertThat(doubled).isFalse();
    }

    @Test
    void keys_that_are_about_to_move_to_a_node_start_elsewhere_if_it_is_lost() throws IOException {
        beginToMoveFromAToC();

        cluster.network.partition(Set.of("c"));
        cluster.awaitOn("a", () -> keys().stream().allMatch(this::belongsToA));
        mayEnd.complete(true);

        awaitAllKeysBackOnA();
    }

    @Test
    void keys_that_are_about_to_move_to_a_node_start_elsewhere_if_it_stops() throws IOException {
        beginToMoveFromAToC();

        CompletableFuture<Void> stop = CompletableFuture.runAsync(() -> stopOn("c"));
        cluster.awaitOn("a", () -> keys().stream().allMatch(this::belongsToA));
        mayEnd.complete(true);
        stop.join();
        cluster.leave("c");

        awaitAllKeysBackOnA();
    }

    @Test
    void keys_whose_start_has_failed_on_a_node_start_elsewhere_when_it_stops() throws IOException {
        full = "c@memory";
        cluster.start("a", "b", "c");
        runOn("a");
        for (String key : keys()) {
            add("a", key, 7);
        }
        runOn("c");
        cluster.awaitOn(
                "a",
                () -> {
                    List<String> lost =
                            keys().stream().filter(key -> carts.whereis(key).isEmpty()).toList();
                    List<String> ofC = keys().stream().filter(key -> !belongsToA(key)).toList();
                    return !lost.isEmpty() && lost.equals(ofC);
                });

        stopOn("c");
        cluster.leave("c");

        awaitAllKeysBackOnA();
    }

    @Test
    void keys_that_wait_for_their_start_go_to_a_node_that_comes_meanwhile() throws IOException {
        cluster.start("a", "b", "c");
        runOn("a");
        List<String> many = IntStream.range(0, 200).mapToObj(i -> "key " + i).toList();
        mayStart = new CompletableFuture<>();
        tellA(new Placement.News.Take(List.copyOf(many)));
        runOn("b");
        cluster.awaitOn("a", () -> !many.stream().allMatch(this::belongsToA));

        mayStart.complete(true);

        cluster.awaitOn("a", () -> many.stream().allMatch(key -> carts.whereis(key).isPresent()));
        assertThat(doubled).isFalse();
    }

    /// What two nodes tell arrives in any order.
    @Test
    void a_node_that_hears_late_of_the_old_place_of_a_server_keeps_the_new_one()
            throws IOException {
        start("a", "b", "c");
        String key = keyOf("c");
        Pid moved = pidOf(key);
        Pid before = cluster.on("b", () -> Processes.spawn(() -> {}));

        tellA(new Placement.News.Have(Map.of(key, before)));
        tellA(new Placement.News.Gone(key, before));

        assertThat(pidOf(key)).isEqualTo(moved);
    }

    /// Both sides of a partition have had a server of the key.
    @Test
    void a_node_whose_server_ends_knows_the_one_of_another_node() throws IOException {
        start("a", "b", "c");
        String key = keyOf("a");
        Pid other = cluster.on("b", () -> Processes.spawn(() -> {}));

        tellA(new Placement.News.Have(Map.of(key, other)));
        assertThat(placeOf(key)).isEqualTo("a@memory");
        assertThat(cluster.on("a", () -> carts.stop(key))).isTrue();

        assertThat(pidOf(key)).isEqualTo(other);
    }

    /// Starts the servers of all keys, and returns a key whose server is on a node.
    private String keyOf(String node) {
        for (String key : keys()) {
            add("a", key, 1);
        }
        awaitKeysOn("a", "a", "b", "c");
        return keys().stream()
                .filter(key -> placeOf(key).equals(node + "@memory"))
                .findFirst()
                .orElseThrow();
    }

    /// Tells node a something, and waits until it has heard that.
    private void tellA(Placement.News news) {
        cluster.on(
                "a",
                () -> {
                    GenServer.cast(ServerRef.name("carts"), news);
                    return Sys.getState(ServerRef.name("carts"));
                });
    }

    @Test
    void a_server_whose_state_cannot_cross_stays_where_it_is() throws IOException {
        DistributedSupervisor<String, Holder> holders =
                DistributedSupervisor.<String, Object, Holder>of("holders", _ -> new Holder())
                        .withHandOver();
        cluster.start("a", "b", "c");
        cluster.on(
                "a",
                () ->
                        Supervisor.start(
                                List.of(holders.childSpec()),
                                SupervisorFlags.of(Strategy.ONE_FOR_ONE)));
        for (String key : keys()) {
            assertThat(cluster.on("a", () -> GenServer.call(holders.server(key), new Add(1))))
                    .isEqualTo(1);
        }
        cluster.on(
                "b",
                () ->
                        Supervisor.start(
                                List.of(holders.childSpec()),
                                SupervisorFlags.of(Strategy.ONE_FOR_ONE)));

        cluster.awaitOn("b", () -> holders.keys().size() == KEYS);
        for (String key : keys()) {
            assertThat(cluster.on("b", () -> GenServer.call(holders.server(key), new Add(1))))
                    .isEqualTo(2);
        }
    }

    /// Its state is of a type that does not cross.
    static final class Holder implements GenServer<Optional<Object>, Object, Add, String> {
        @Override
        public Init<Object> init(Optional<Object> state) {
            return Init.ok(new AtomicInteger());
        }

        @Override
        public CallResult<Object> handleCall(Add add, From from, Object state) {
            return CallResult.reply(add, ((AtomicInteger) state).addAndGet(add.amount()), state);
        }
    }

    @Test
    void a_side_that_can_reach_a_server_keeps_others_from_starting_a_second_one()
            throws IOException {
        start("a", "b", "c");
        for (String key : keys()) {
            add("a", key, 1);
        }
        awaitKeysOn("a", "a", "b", "c");

        cluster.network.cut("b", "c"); // both still reach a, so both have a majority
        cluster.awaitNodes("b", List.of("a"));
        cluster.awaitNodes("c", List.of("a"));
        for (String key : keys()) {
            assertThat(add("a", key, 1)).isEqualTo(2);
        }
        assertThat(doubled).isFalse();
        cluster.network.heal("b", "c");
        awaitKeysOn("a", "a", "b", "c");
        assertThat(doubled).isFalse();
    }

    @Test
    void a_side_that_is_refused_asks_ever_more_rarely_and_at_once_after_a_heal() throws Exception {
        start("a", "b", "c");
        for (String key : keys()) {
            add("a", key, 1);
        }
        awaitKeysOn("a", "a", "b", "c");
        cluster.network.cut("b", "c");
        cluster.awaitNodes("b", List.of("a"));
        cluster.awaitNodes("c", List.of("a"));

        Pid placement = cluster.on("a", () -> Processes.whereis("carts").orElseThrow());
        Sys.statistics(placement, true);
        Thread.sleep(2_000);
        long asked = Sys.getStatistics(placement).orElseThrow().messagesIn();

        // A key is asked for after 20, 40, ... 1000 ms. Every 20 ms it would be 100 times.
        assertThat(asked).isLessThan(KEYS * 10L);
        String contested =
                keys().stream()
                        .filter(key -> "c@memory".equals(placeOf(key)))
                        .findFirst()
                        .orElseThrow();
        cluster.network.heal("b", "c");
        await().atMost(MemoryCluster.LONG).until(() -> add("b", contested, 0) == 1);
        awaitKeysOn("b", "a", "b", "c");
        assertThat(doubled).isFalse();
    }

    private String placeOf(String key) {
        return pidOf(key).node();
    }

    private Pid pidOf(String key) {
        return cluster.on("a", () -> carts.whereis(key).orElseThrow());
    }

    @Test
    void a_server_whose_start_fails_fails_the_call() throws IOException {
        DistributedSupervisor<String, Broken> broken =
                DistributedSupervisor.<String, Integer, Broken>of("broken", _ -> new Broken());
        cluster.start("a", "b", "c");
        for (String node : List.of("a", "b", "c")) {
            cluster.on(
                    node,
                    () ->
                            Supervisor.start(
                                    List.of(broken.childSpec()),
                                    SupervisorFlags.of(Strategy.ONE_FOR_ONE)));
        }

        assertThatThrownBy(
                        () -> cluster.on("a", () -> GenServer.call(broken.server("x"), new Add(1))))
                .isInstanceOfSatisfying(
                        CallException.class,
                        failed ->
                                assertThat(failed.serverReason())
                                        .isEqualTo(ExitReason.of("no room")));
    }

    static final class Broken implements GenServer<Optional<Integer>, Integer, Add, String> {
        @Override
        public Init<Integer> init(Optional<Integer> state) {
            return Init.stop(ExitReason.of("no room"));
        }
    }
}
