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
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.infinispan.Cache;
import org.junit.jupiter.api.Test;

class GridTest {

    private static final Replication THREE = Replication.of("a secret").withExpectedNodes(3);

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
    void the_next_writer_finds_what_the_one_before_has_written() throws Exception {
        try (GridNode a = GridNode.started(THREE);
                GridNode b = GridNode.started(THREE, a)) {
            assertThat(b.maps().open("cart")).isEmpty();
            ReplicatedMap first = a.maps().create("cart");
            put(first, "eggs", "1");
            put(first, "eggs", "2");
            put(first, "crème\u0000", "");
            put(first, "milk", "3");
            first.remove("milk");
            first.remove("bread");

            ReplicatedMap second = open(b, "cart");
            assertThat(second.keys()).containsExactlyInAnyOrder("eggs", "crème\u0000");
            assertThat(get(second, "eggs")).contains("2");
            assertThat(get(second, "crème\u0000")).contains("");
            assertThat(b.maps().open("car")).isEmpty();
            put(second, "bread", "4");
            assertThat(open(a, "cart").keys()).hasSize(3);
        }
    }

    @Test
    void a_map_that_is_deleted_is_gone_for_all() throws Exception {
        try (GridNode a = GridNode.started(THREE);
                GridNode b = GridNode.started(THREE, a)) {
            ReplicatedMap map = a.maps().create("cart");
            put(map, "eggs", "1");
            map.delete();

            assertThat(b.maps().open("cart")).isEmpty();
            assertThatThrownBy(() -> put(map, "eggs", "2"))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(b.maps().create("cart").keys()).isEmpty();
        }
    }

    @Test
    void a_writer_that_was_replaced_changes_nothing() throws Exception {
        try (GridNode a = GridNode.started(THREE);
                GridNode b = GridNode.started(THREE, a)) {
            for (List<String> keys : List.of(List.of("old"), List.of("new"), List.of("removed"))) {
                ReplicatedMap replaced = a.maps().create("cart");
                put(replaced, "old", "1");
                put(replaced, "removed", "1");
                ReplicatedMap writer = open(b, "cart");
                put(writer, "old", "2");
                put(writer, "new", "2");
                writer.remove("removed");

                String key = keys.getFirst();
                assertThatThrownBy(() -> put(replaced, key, "late"))
                        .isInstanceOf(ReplicationException.class)
                        .hasMessageContaining("another one has opened it");
                assertThatThrownBy(() -> replaced.remove("old"))
                        .isInstanceOf(IllegalStateException.class);

                ReplicatedMap next = open(a, "cart");
                assertThat(get(next, "old")).contains("2");
                assertThat(get(next, "new")).contains("2");
                next.delete();
            }
        }
    }

    @Test
    void the_entries_of_a_node_that_leaves_are_on_the_others() throws Exception {
        try (GridNode a = GridNode.started(THREE);
                GridNode b = GridNode.started(THREE, a)) {
            GridNode c = GridNode.started(THREE, a);
            c.sees(2);
            List<String> names = IntStream.range(0, 50).mapToObj(i -> "map-" + i).toList();
            for (String name : names) {
                put(c.maps().create(name), "k", name);
            }
            c.close();

            for (String name : names) {
                assertThat(get(open(a, name), "k")).contains(name);
                assertThat(get(open(b, name), "k")).contains(name);
            }
        }
    }

    @Test
    void a_node_that_is_cut_off_refuses_and_then_has_what_the_others_wrote() throws Exception {
        try (GridNode a = GridNode.started(THREE);
                GridNode b = GridNode.started(THREE, a);
                GridNode c = GridNode.started(THREE, a, b)) {
            a.sees(2);
            b.sees(2);
            c.sees(2);
            ReplicatedMap replaced = c.maps().create("cart");
            put(replaced, "eggs", "1");
            ReplicatedMap idle = c.maps().create("idle");

            c.cut(true);
            a.sees(1);
            ReplicatedMap writer = open(a, "cart");
            put(writer, "eggs", "2");
            put(writer, "milk", "2");
            await().atMost(GridNode.CEILING)
                    .untilAsserted(() ->
                            assertThatThrownBy(() -> c.maps().open("cart"))
                                    .isInstanceOf(NoQuorumException.class));
            assertThatThrownBy(() -> put(idle, "k", "v")).isInstanceOf(NoQuorumException.class);

            c.cut(false);
            c.sees(2);
            assertThatThrownBy(() -> put(replaced, "eggs", "late"))
                    .isInstanceOf(ReplicationException.class);
            ReplicatedMap next = open(c, "cart");
            assertThat(get(next, "eggs")).contains("2");
            assertThat(get(next, "milk")).contains("2");
        }
    }

    @Test
    void a_node_with_another_secret_is_no_member() throws Exception {
        try (GridNode a = GridNode.started(THREE);
                GridNode b = GridNode.started(THREE, a);
                GridNode stranger =
                        GridNode.started(
                                Replication.of("another secret").withExpectedNodes(3), a, b)) {
            put(a.maps().create("cart"), "eggs", "1");

            b.sees(1);
            stranger.sees(0);
            assertThat(stranger.maps().open("cart")).isEmpty();
            stranger.maps().create("cart").delete();
            assertThat(get(open(b, "cart"), "eggs")).contains("1");
        }
    }

    @Test
    @SuppressWarnings({"unchecked", "rawtypes"})
    void a_java_object_is_refused() throws Exception {
        try (GridNode a = GridNode.started(THREE);
                GridNode b = GridNode.started(THREE, a)) {
            b.sees(1);
            Cache untyped = a.grid().cache();

            assertThatThrownBy(() -> untyped.put("key", new Point()))
                    .isInstanceOf(RuntimeException.class)
                    .hasMessageContaining("java.awt.Point");
        }
    }
}
