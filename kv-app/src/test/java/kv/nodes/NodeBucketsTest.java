package kv.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.CallException;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.cluster.Cluster;
import io.genserver.cluster.NoQuorumException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeBucketsTest {

    private static final List<String> NAMES =
            IntStream.range(0, 30).mapToObj(i -> "bucket-" + i).toList();

    private final MemoryNodes nodes = new MemoryNodes(1);

    @AfterEach
    void close() {
        nodes.close();
    }

    private Answer create(String node, String bucket) {
        return nodes.on(node, () -> nodes.buckets(node).create(bucket));
    }

    private Answer put(String node, String bucket, String key, String value) {
        return nodes.on(node, () -> nodes.buckets(node).put(bucket, key, value));
    }

    private Optional<Entry> get(String node, String bucket, String key) {
        return nodes.on(node, () -> nodes.buckets(node).get(bucket, key));
    }

    private static Optional<Entry> entry(@Nullable String value) {
        return Optional.of(Entry.of(value));
    }

    private void createAll(String node) {
        for (String name : NAMES) {
            assertThat(create(node, name)).isEqualTo(Answer.DONE);
            assertThat(put(node, name, "k", "of " + name)).isEqualTo(Answer.DONE);
        }
    }

    /// Returns which buckets are on each node, as one of them sees it.
    private Map<String, Set<String>> places(String seenFrom) {
        return nodes.on(
                seenFrom,
                () ->
                        nodes.buckets(seenFrom).all().entrySet().stream()
                                .collect(
                                        Collectors.groupingBy(
                                                place -> place.getValue().node(),
                                                Collectors.mapping(
                                                        Map.Entry::getKey, Collectors.toSet()))));
    }

    private static Set<String> on(Map<String, Set<String>> places, String node) {
        return places.getOrDefault(node, Set.of());
    }

    private void awaitPlaces(String seenFrom, String... wanted) {
        nodes.awaitOn(
                seenFrom,
                () ->
                        places(seenFrom).keySet().equals(Set.of(wanted))
                                && nodes.buckets(seenFrom).all().size() == NAMES.size());
    }

    @Test
    void a_bucket_is_used_from_each_node_as_soon_as_it_is_created() throws IOException {
        nodes.start("a", "b", "c");

        for (String name : NAMES) {
            assertThat(get("b", name, "k")).isEmpty();
            assertThat(put("c", name, "k", "lost")).isEqualTo(Answer.NOT_FOUND);
            assertThat(create("a", name)).isEqualTo(Answer.DONE);
            assertThat(get("b", name, "k")).isEqualTo(entry(null));
            assertThat(put("c", name, "k", "1")).isEqualTo(Answer.DONE);
            assertThat(create("b", name)).isEqualTo(Answer.DONE);
            assertThat(get("a", name, "k")).isEqualTo(entry("1"));
            assertThat(nodes.on("b", () -> nodes.buckets("b").delete(name, "k")))
                    .isEqualTo(entry("1"));
            assertThat(get("c", name, "k")).isEqualTo(entry(null));
        }
        awaitPlaces("a", "a@memory", "b@memory", "c@memory");
        assertThat(nodes.on("c", () -> nodes.buckets("c").stop(NAMES.getFirst()))).isTrue();
        assertThat(nodes.on("a", () -> nodes.buckets("a").stop(NAMES.getFirst()))).isFalse();
        assertThat(get("b", NAMES.getFirst(), "k")).isEmpty();
    }

    @Test
    void a_name_that_was_only_asked_for_leaves_nothing_behind() throws IOException {
        nodes.start("a", "b", "c");

        for (String name : NAMES) {
            assertThat(get("a", name, "k")).isEmpty();
        }

        nodes.awaitOn("a", () -> nodes.buckets("a").all().isEmpty());
    }

    @Test
    void buckets_move_with_their_entries_when_nodes_come_and_leave() throws IOException {
        nodes.start("a", "b");
        createAll("a");

        nodes.start("c");
        awaitPlaces("c", "a@memory", "b@memory", "c@memory");
        nodes.leave("b");

        awaitPlaces("c", "a@memory", "c@memory");
        for (String name : NAMES) {
            assertThat(get("c", name, "k")).isEqualTo(entry("of " + name));
        }
    }

    @Test
    void the_largest_bucket_moves() throws IOException {
        nodes.start("a", "b");
        String value = "\u00ff".repeat(1 << 20);
        assertThat(create("a", "large")).isEqualTo(Answer.DONE);
        int values = 0;
        while (put("a", "large", "k" + values, value) == Answer.DONE) {
            values++;
        }
        assertThat(values).isEqualTo(NodeBucket.MOST_CHARS / value.length() - 1);
        String from = nodes.on("a", () -> nodes.buckets("a").find("large").orElseThrow().node());
        String left = from.substring(0, 1);
        String stays = left.equals("a") ? "b" : "a";

        nodes.leave(left);

        for (int i = 0; i < values; i++) {
            assertThat(get(stays, "large", "k" + i)).isEqualTo(entry(value));
        }
        assertThat(put(stays, "large", "more", value)).isEqualTo(Answer.OUT_OF_MEMORY);
    }

    @Test
    void the_buckets_of_a_lost_node_go_on_elsewhere_with_their_entries() throws IOException {
        nodes.start("a", "b", "c");
        createAll("a");
        awaitPlaces("a", "a@memory", "b@memory", "c@memory");

        nodes.kill("c");

        nodes.awaitOn("a", () -> Cluster.nodes().equals(List.of("b@memory")));
        for (String name : NAMES) {
            assertThat(get("a", name, "k")).isEqualTo(entry("of " + name));
            assertThat(put("b", name, "k", "new")).isEqualTo(Answer.DONE);
        }
        awaitPlaces("b", "a@memory", "b@memory");
    }

    @Test
    void a_node_that_is_cut_off_refuses_and_the_others_go_on() throws IOException {
        try (MemoryNodes three = new MemoryNodes(3)) {
            three.start("a", "b", "c");
            three.on("a", () -> three.buckets("a").create("old"));

            three.network.partition(Set.of("c"));
            three.awaitOn("c", () -> !Cluster.hasQuorum());
            three.awaitOn("a", () -> Cluster.nodes().equals(List.of("b@memory")));

            assertThatThrownBy(() -> three.on("c", () -> three.buckets("c").create("new")))
                    .isInstanceOf(CallException.class)
                    .hasRootCauseInstanceOf(NoQuorumException.class);
            assertThat(three.on("a", () -> three.buckets("a").create("new")))
                    .isEqualTo(Answer.DONE);
            three.network.heal(Set.of("c"));
            three.awaitOn("c", () -> Cluster.nodes().size() == 2);
            assertThat(three.on("c", () -> three.buckets("c").get("new", "k")))
                    .isEqualTo(entry(null));
        }
    }

    @Test
    void a_bucket_that_crashes_starts_again_with_its_entries() throws IOException {
        nodes.start("a", "b");
        assertThat(create("a", "x")).isEqualTo(Answer.DONE);
        assertThat(put("a", "x", "k", "v")).isEqualTo(Answer.DONE);

        assertThatThrownBy(() -> nodes.on("b", () -> nodes.buckets("b").crash("x", "on purpose")))
                .isInstanceOf(CallException.class)
                .hasMessageContaining("on purpose");
        assertThat(get("a", "x", "k")).isEqualTo(entry("v"));
    }

    @Test
    void a_subscription_follows_its_bucket_and_ends_with_it() throws Exception {
        nodes.start("a", "b", "c");
        createAll("a");
        String moving = on(places("a"), "b@memory").iterator().next();
        Queue<String> changes = new ConcurrentLinkedQueue<>();
        CountDownLatch end = new CountDownLatch(1);
        nodes.on(
                "a",
                () ->
                        Processes.spawn(() -> {
                            Pid follower =
                                    nodes.buckets("a")
                                            .subscribe(
                                                    moving,
                                                    Processes.self(),
                                                    (key, value) -> changes.add(key + "=" + value))
                                            .orElseThrow();
                            Processes.monitor(follower);
                            Processes.receive();
                            end.countDown();
                        }));
        nodes.awaitOn(
                "a",
                () -> {
                    put("c", moving, "start", "1");
                    return !changes.isEmpty();
                });

        nodes.leave("b");
        for (int i = 0; i < 5; i++) {
            assertThat(put("c", moving, "k" + i, "v")).isEqualTo(Answer.DONE);
        }
        nodes.awaitOn("a", () -> changes.contains("k4=Optional[v]"));
        assertThat(changes.stream().filter(change -> change.startsWith("k")))
                .containsExactly(
                        "k0=Optional[v]",
                        "k1=Optional[v]",
                        "k2=Optional[v]",
                        "k3=Optional[v]",
                        "k4=Optional[v]");
        assertThat(nodes.on("c", () -> nodes.buckets("c").stop(moving))).isTrue();
        assertThat(end.await(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        assertThat(
                        nodes.on(
                                "a",
                                () ->
                                        nodes.buckets("a")
                                                .subscribe(moving, pidOf("a"), (_, _) -> true)))
                .isEmpty();
    }

    private Pid pidOf(String node) {
        return nodes.on(node, () -> Processes.whereis("KV.Buckets").orElseThrow());
    }
}
