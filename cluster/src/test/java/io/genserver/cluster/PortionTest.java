package io.genserver.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PortionTest {

    private static final String PEER = "b@memory";

    record Unlisted(int number) {}

    private final MemoryCluster cluster = new MemoryCluster(it -> it.withMaxMessage(64 * 1024));

    @BeforeEach
    void start() throws IOException {
        cluster.start("a", "b");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private static <V> List<Portion<V>> portions(MemoryCluster cluster, Map<Object, V> all) {
        return cluster.on("a", () -> Portion.of(PEER, all));
    }

    @Test
    void a_map_of_any_size_is_split_into_messages_that_fit_and_joined_again() {
        Map<Object, Integer> all = new HashMap<>();
        for (int i = 0; i < 500; i++) {
            all.put("x".repeat(i * 10) + i, i);
        }
        List<Portion<Integer>> portions = portions(cluster, all);
        assertThat(portions).hasSizeGreaterThan(30);
        Portion.Joiner<Integer> joiner = new Portion.Joiner<>(Integer::sum);
        for (Portion<Integer> portion : portions) {
            int size = cluster.on("a", () -> Cluster.sizeFor(PEER, portion.entries()));
            assertThat(size).isLessThan(Portion.BYTES + 64);
            Map<Object, Integer> joined = joiner.add(PEER, portion);
            assertThat(joined).isEqualTo(portion.isLast() ? all : null);
        }
    }

    @Test
    void an_empty_map_is_one_portion() {
        List<Portion<Integer>> portions = portions(cluster, Map.of());
        assertThat(portions).containsExactly(new Portion<>(0, true, Map.of()));
        assertThat(new Portion.Joiner<Integer>(Integer::sum).add(PEER, portions.getFirst()))
                .isEmpty();
    }

    @Test
    void what_the_node_cannot_take_is_left_out() {
        Map<Object, Integer> all = Map.of("x", 1, new Unlisted(1), 2, "y".repeat(70_000), 3);
        assertThat(portions(cluster, all)).containsExactly(new Portion<>(0, true, Map.of("x", 1)));
    }

    @Test
    void a_key_that_comes_twice_is_merged() {
        List<Map.Entry<Object, Integer>> twice = List.of(Map.entry("x", 1), Map.entry("x", 2));
        List<Portion<Integer>> portions = cluster.on("a", () -> Portion.of(PEER, twice));
        Portion.Joiner<Integer> joiner = new Portion.Joiner<>(Integer::sum);
        List<Object> joined = new ArrayList<>();
        for (Portion<Integer> portion : portions) {
            Map<Object, Integer> map = joiner.add(PEER, portion);
            if (map != null) {
                joined.add(map);
            }
        }
        assertThat(joined).containsExactly(Map.of("x", 3));
    }

    @Test
    void portions_without_the_first_are_ignored() {
        Portion.Joiner<Integer> joiner = new Portion.Joiner<>(Integer::sum);
        assertThat(joiner.add(PEER, new Portion<>(1, true, Map.of("x", 1)))).isNull();
        joiner.add(PEER, new Portion<>(0, false, Map.of("x", 1)));
        joiner.forget(PEER);
        assertThat(joiner.add(PEER, new Portion<>(1, true, Map.of("y", 1)))).isNull();
    }
}
