package io.genserver.cluster.infinispan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.cluster.ReplicatedMap;
import io.genserver.cluster.jgroups.Replication;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Nodes that are stopped in order.
class LeavingTest {

    private static final Replication THREE =
            Replication.of("a secret of this test").withExpectedNodes(3);
    private static final List<String> NAMES =
            IntStream.range(0, 60).mapToObj(i -> "map " + i).toList();

    private final List<GridNode> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(GridNode::close);
    }

    private void write() {
        for (int i = 0; i < NAMES.size(); i++) {
            ReplicatedMap map = nodes.get(i % nodes.size()).maps().create(NAMES.get(i));
            map.put("k", NAMES.get(i).getBytes(UTF_8));
        }
    }

    private static void assertHasAll(GridNode node) {
        for (String name : NAMES) {
            ReplicatedMap map = node.maps().open(name).orElseThrow();
            assertThat(map.get("k")).asString(UTF_8).isEqualTo(name);
            map.put("k", name.getBytes(UTF_8));
        }
    }

    private void stopAtOnce(GridNode... leaving) {
        CompletableFuture.allOf(
                        List.of(leaving).stream()
                                .map(node -> CompletableFuture.runAsync(node::close))
                                .toArray(CompletableFuture[]::new))
                .join();
        nodes.removeAll(List.of(leaving));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 2", "1, 2"})
    void as_many_as_there_are_copies_leave_all_entries_to_the_last_one(int one, int other)
            throws Exception {
        GridNode.start(nodes, 3, THREE);
        write();

        stopAtOnce(nodes.get(one), nodes.get(other));

        GridNode last = nodes.getFirst();
        last.sees(0);
        assertHasAll(last);
        GridNode again = GridNode.started(THREE, last);
        nodes.add(again);
        again.sees(1);
        assertHasAll(again);
    }

    @Test
    void the_last_one_has_all_entries_even_if_it_hears_late_that_the_other_one_leaves()
            throws Exception {
        GridNode.start(nodes, 3, THREE);
        write();
        stopAtOnce(nodes.getLast());
        GridNode coordinator = nodes.getFirst();
        GridNode last = nodes.getLast();
        coordinator.sees(1);
        last.sees(1);
        last.hearLate();

        stopAtOnce(coordinator);

        last.sees(0);
        assertHasAll(last);
    }

    @Test
    void a_node_leaves_only_when_the_entries_of_a_lost_one_are_copied() throws Exception {
        GridNode.start(nodes, 3, THREE);
        write();
        GridNode lost = nodes.getFirst();
        GridNode leaving = nodes.get(1);
        GridNode last = nodes.getLast();
        leaving.grid().cache().put(GridKey.ofTurn(), Departure.id(leaving.grid().cache()));
        last.hearLate();
        lost.cut(true);
        leaving.awaitMembers(1);

        stopAtOnce(leaving);

        last.sees(0);
        assertHasAll(last);
    }

    @Test
    void no_entry_is_lost_where_no_majority_is_needed() throws Exception {
        Replication any = Replication.of("a secret of this test");
        GridNode.start(nodes, 3, any);
        write();

        stopAtOnce(nodes.get(0), nodes.get(1));

        GridNode last = nodes.getFirst();
        last.sees(0);
        assertHasAll(last);
    }

    @Test
    void the_turn_of_a_node_that_was_lost_goes_to_the_next_one() throws Exception {
        GridNode.start(nodes, 2, Replication.of("a secret of this test"));
        byte[] lost = UUID.randomUUID().toString().getBytes(UTF_8);
        var cache = nodes.getLast().grid().cache();
        cache.put(GridKey.ofTurn(), lost);

        stopAtOnce(nodes.getFirst());

        assertThat(cache.get(GridKey.ofTurn())).isNotEqualTo(lost);
    }

    @Test
    void all_of_them_end_when_all_are_stopped() throws Exception {
        GridNode.start(nodes, 3, THREE);
        write();

        stopAtOnce(nodes.toArray(GridNode[]::new));

        assertThat(nodes).isEmpty();
    }
}
