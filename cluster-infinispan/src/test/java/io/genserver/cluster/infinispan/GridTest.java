package io.genserver.cluster.infinispan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.cluster.NoQuorumException;
import io.genserver.cluster.ReplicatedMap;
import io.genserver.cluster.ReplicationException;
import io.genserver.cluster.jgroups.Replication;
import java.awt.Point;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.infinispan.Cache;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GridTest {

    private static final Replication THREE =
            Replication.of("a secret of this test").withExpectedNodes(3);

    private static GridNode a;
    private static GridNode b;
    private static GridNode c;

    @BeforeAll
    static void start() throws Exception {
        a = GridNode.started(THREE);
        b = GridNode.started(THREE, a);
        c = GridNode.started(THREE, a, b);
        List.of(a, b, c).forEach(node -> node.sees(2));
    }

    @AfterAll
    static void stop() {
        List.of(a, b, c).forEach(GridNode::close);
    }

    private static void put(ReplicatedMap map, String key, String value) {
        map.put(key, value.getBytes(UTF_8));
    }

    private static Optional<String> get(ReplicatedMap map, String key) {
        return Optional.ofNullable(map.get(key)).map(value -> new String(value, UTF_8));
    }

    private static ReplicatedMap open(GridNode node, String name) {
        return node.maps().open(name).orElseThrow();
    }

    @Test
    void the_next_writer_finds_what_the_one_before_has_written() {
        assertThat(b.maps().open("next")).isEmpty();
        ReplicatedMap first = a.maps().create("next");
        put(first, "eggs", "1");
        put(first, "eggs", "2");
        put(first, "crème\u0000", "");
        put(first, "milk", "3");
        first.remove("milk");
        first.remove("bread");

        ReplicatedMap second = open(b, "next");
        assertThat(second.keys()).containsExactlyInAnyOrder("eggs", "crème\u0000");
        assertThat(get(second, "eggs")).contains("2");
        assertThat(get(second, "crème\u0000")).contains("");
        assertThat(b.maps().open("nex")).isEmpty();
        put(second, "bread", "4");
        assertThat(open(c, "next").keys()).hasSize(3);
    }

    @Test
    void a_map_that_is_deleted_is_gone_for_all() {
        ReplicatedMap map = a.maps().create("deleted");
        put(map, "eggs", "1");
        map.delete();

        assertThat(b.maps().open("deleted")).isEmpty();
        assertThatThrownBy(() -> put(map, "eggs", "2")).isInstanceOf(IllegalStateException.class);
        assertThat(b.maps().create("deleted").keys()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"old", "new", "removed"})
    void a_writer_that_was_replaced_changes_nothing(String key) {
        String name = "replaced " + key;
        ReplicatedMap replaced = a.maps().create(name);
        put(replaced, "old", "1");
        put(replaced, "removed", "1");
        ReplicatedMap writer = open(b, name);
        put(writer, "old", "2");
        put(writer, "new", "2");
        writer.remove("removed");

        assertThatThrownBy(() -> put(replaced, key, "late"))
                .isInstanceOf(ReplicationException.class)
                .hasMessageContaining("another one has opened it");
        put(writer, "old", "3");
        assertThatThrownBy(() -> replaced.remove("old")).isInstanceOf(IllegalStateException.class);

        put(writer, "after", "3");
        ReplicatedMap next = open(c, name);
        assertThat(next.keys()).containsExactlyInAnyOrder("old", "new", "after");
        assertThat(get(next, "old")).contains("3");
        assertThat(get(next, "new")).contains("2");
    }

    @Test
    void a_writer_that_was_replaced_cannot_acknowledge_a_key_that_only_it_writes() {
        ReplicatedMap replaced = a.maps().create("unseen");
        ReplicatedMap writer = open(b, "unseen");

        assertThatThrownBy(() -> put(replaced, "k", "v")).isInstanceOf(ReplicationException.class);
        assertThat(get(writer, "k")).isEmpty();
    }

    /// Writes as a writer does that was replaced and whose message is late.
    private static void writeLate(String map, String key) {
        byte[] late = new byte[100];
        for (byte place : new byte[] {GridKey.FIRST, GridKey.other(GridKey.FIRST)}) {
            c.grid().cache().putIfAbsent(GridKey.ofValue(map, place, key), late);
        }
    }

    @Test
    void a_late_write_brings_no_removed_entry_back() {
        ReplicatedMap writer = a.maps().create("late");
        put(writer, "removed", "1");
        put(writer, "kept", "1");
        writer.remove("removed");
        writeLate("late", "removed");
        writeLate("late", "kept");
        writeLate("late", "unknown");

        ReplicatedMap next = open(b, "late");
        assertThat(next.keys()).containsExactly("kept");
        assertThat(get(next, "kept")).contains("1");
        put(next, "removed", "2");
        put(next, "unknown", "2");
        put(next, "kept", "2");
        assertThat(get(open(a, "late"), "removed")).contains("2");
        assertThat(get(open(a, "late"), "unknown")).contains("2");
        assertThat(get(open(a, "late"), "kept")).contains("2");
    }

    @Test
    void a_late_write_brings_no_entry_of_a_deleted_map_back() {
        ReplicatedMap writer = a.maps().create("late deleted");
        put(writer, "k", "1");
        writer.delete();
        writeLate("late deleted", "k");

        assertThat(b.maps().open("late deleted")).isEmpty();
        ReplicatedMap next = b.maps().create("late deleted");
        assertThat(next.keys()).isEmpty();
        put(next, "k", "2");
        assertThat(get(open(a, "late deleted"), "k")).contains("2");
    }

    @Test
    void a_late_creation_brings_no_deleted_map_back() {
        a.maps().create("late creation").delete();
        c.grid().cache().putIfAbsent(GridKey.ofClaim("late creation"), new byte[12]);

        assertThat(b.maps().open("late creation")).isEmpty();
    }

    @Test
    void of_those_that_open_a_map_at_the_same_time_one_can_write() {
        put(a.maps().create("raced"), "k", "0");
        for (int round = 0; round < 20; round++) {
            List<CompletableFuture<Optional<ReplicatedMap>>> openers =
                    Stream.of(a, b, c)
                            .map(node -> CompletableFuture.supplyAsync(() -> tryToOpen(node)))
                            .toList();
            List<ReplicatedMap> opened =
                    openers.stream().flatMap(opener -> opener.join().stream()).toList();

            assertThat(opened.stream().filter(GridTest::canWrite)).hasSize(1);
        }
    }

    private static Optional<ReplicatedMap> tryToOpen(GridNode node) {
        try {
            return node.maps().open("raced");
        } catch (ReplicationException lost) {
            assertThat(lost).hasMessageContaining("at the same time");
            return Optional.empty();
        }
    }

    private static boolean canWrite(ReplicatedMap map) {
        try {
            put(map, "k", "1");
            return true;
        } catch (ReplicationException replaced) {
            return false;
        }
    }

    @Test
    void an_opener_that_has_seen_an_earlier_writer_does_not_replace_a_later_one() {
        ReplicatedMap first = a.maps().create("stale");
        Claim seen = Objects.requireNonNull(Claim.find(c.grid().cache(), "stale"));
        ReplicatedMap second = open(b, "stale");

        assertThat(seen.ofNextWriter().replace(c.grid().cache(), "stale", seen)).isFalse();
        put(second, "k", "v");
        assertThatThrownBy(() -> put(first, "k", "v")).isInstanceOf(ReplicationException.class);
    }

    @Test
    void an_opener_that_was_replaced_before_it_has_loaded_takes_nothing_from_the_next_one() {
        put(a.maps().create("slow"), "k", "1");
        Claim seen = Objects.requireNonNull(Claim.find(a.grid().cache(), "slow"));
        Claim slow = seen.ofNextWriter();
        assertThat(slow.replace(a.grid().cache(), "slow", seen)).isTrue();
        ReplicatedMap next = open(b, "slow");

        assertThatThrownBy(() -> GridMap.load(a.grid(), "slow", slow))
                .isInstanceOf(ReplicationException.class)
                .hasMessageContaining("at the same time");
        put(next, "k", "2");
    }

    @Test
    void a_map_of_many_keys_is_loaded_with_all_of_them() {
        List<String> keys = IntStream.range(0, 500).mapToObj(i -> "key " + i).toList();
        ReplicatedMap map = a.maps().create("large");
        for (String key : keys) {
            put(map, key, key);
        }
        put(map, "long".repeat(KeyPage.ROOM), "v");
        keys.subList(0, 250).forEach(map::remove);

        ReplicatedMap next = open(b, "large");
        assertThat(next.keys()).hasSize(251).containsAll(keys.subList(250, 500));
        for (String key : keys.subList(250, 500)) {
            assertThat(get(next, key)).contains(key);
        }
        for (String key : keys.subList(0, 250)) {
            put(next, key, "again");
        }
        assertThat(open(c, "large").keys()).hasSize(501);
    }

    @Test
    void the_room_of_removed_keys_is_used_again() {
        ReplicatedMap map = a.maps().create("changing");
        IntStream.range(100, 600).forEach(i -> put(map, "key " + i, "v"));
        int pages = pagesOf("changing");

        IntStream.range(200, 400).forEach(i -> map.remove("key " + i));
        IntStream.range(600, 800).forEach(i -> put(map, "key " + i, "v"));

        assertThat(pages).isGreaterThan(1);
        assertThat(pagesOf("changing")).isEqualTo(pages);
    }

    private static int pagesOf(String map) {
        return Objects.requireNonNull(Claim.find(c.grid().cache(), map)).pages();
    }

    @Test
    void the_entries_of_a_node_that_leaves_are_on_the_others() throws Exception {
        List<String> names = IntStream.range(0, 50).mapToObj(i -> "leaving-" + i).toList();
        try (GridNode d = GridNode.started(THREE, a)) {
            d.sees(3);
            for (String name : names) {
                put(d.maps().create(name), "k", name);
            }
        }

        for (String name : names) {
            assertThat(get(open(a, name), "k")).contains(name);
            assertThat(get(open(b, name), "k")).contains(name);
        }
        List.of(a, b, c).forEach(node -> node.sees(2));
    }

    @Test
    void a_node_that_is_cut_off_refuses_and_then_has_what_the_others_wrote() {
        List<String> names = IntStream.range(0, 20).mapToObj(i -> "cut-" + i).toList();
        Map<String, ReplicatedMap> replaced = new HashMap<>();
        for (String name : names) {
            replaced.put(name, c.maps().create(name));
            put(replaced.get(name), "eggs", "1");
        }
        ReplicatedMap idle = c.maps().create("idle");

        c.cut(true);
        a.sees(1);
        for (String name : names) {
            ReplicatedMap writer = open(a, name);
            put(writer, "eggs", "2");
            put(writer, "milk", "2");
        }
        await().atMost(GridNode.CEILING)
                .untilAsserted(() ->
                        assertThatThrownBy(() -> c.maps().open("idle"))
                                .isInstanceOf(NoQuorumException.class));
        assertThatThrownBy(() -> put(idle, "k", "v")).isInstanceOf(NoQuorumException.class);

        c.cut(false);
        // The maps are used at once, because the node may still have old entries.
        await().atMost(GridNode.CEILING)
                .pollInterval(Duration.ofMillis(5))
                .ignoreException(NoQuorumException.class)
                .until(() -> c.maps().open("idle").isPresent());
        for (String name : names) {
            assertThatThrownBy(
                            () -> put(Objects.requireNonNull(replaced.get(name)), "bread", "late"))
                    .isInstanceOf(ReplicationException.class);
            ReplicatedMap next = open(c, name);
            assertThat(get(next, "eggs")).contains("2");
            assertThat(get(next, "milk")).contains("2");
            put(next, "eggs", "3");
        }
        List.of(a, b, c).forEach(node -> node.sees(2));
        for (String name : names) {
            assertThat(get(open(b, name), "eggs")).contains("3");
        }
    }

    @Test
    void a_node_that_starts_apart_from_the_others_has_no_maps_until_it_meets_them()
            throws Exception {
        Replication five = Replication.of("a secret of five nodes").withExpectedNodes(5);
        try (GridNode one = GridNode.started(five)) {
            assertThatThrownBy(() -> one.maps().create("apart"))
                    .isInstanceOf(NoQuorumException.class);
            try (GridNode two = GridNode.started(five, one)) {
                assertThatThrownBy(() -> two.maps().open("apart"))
                        .isInstanceOf(NoQuorumException.class);
                try (GridNode three = GridNode.started(five, one, two)) {
                    List.of(one, two, three).forEach(node -> node.sees(2));
                    put(one.maps().create("apart"), "k", "v");
                    assertThat(get(open(two, "apart"), "k")).contains("v");
                }
            }
        }
    }

    @Test
    void a_node_with_another_secret_is_no_member() throws Exception {
        put(a.maps().create("secret"), "eggs", "1");
        Replication other = Replication.of("another secret of this test");
        try (GridNode stranger = GridNode.started(other, a, b)) {
            stranger.sees(0);
            assertThat(stranger.maps().open("secret")).isEmpty();
            stranger.maps().create("secret").delete();
        }
        b.sees(2);
        assertThat(get(open(b, "secret"), "eggs")).contains("1");
    }

    @Test
    @SuppressWarnings({"unchecked", "rawtypes"})
    void a_java_object_is_refused() {
        Cache untyped = a.grid().cache();

        assertThatThrownBy(() -> untyped.put("key", new Point()))
                .isInstanceOf(RuntimeException.class)
                .hasMessageContaining("java.awt.Point");
    }
}
