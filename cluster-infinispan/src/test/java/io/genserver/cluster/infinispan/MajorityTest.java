package io.genserver.cluster.infinispan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.cluster.NoQuorumException;
import io.genserver.cluster.ReplicatedMap;
import io.genserver.cluster.jgroups.Replication;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.infinispan.commons.marshall.WrappedByteArray;
import org.infinispan.partitionhandling.AvailabilityMode;
import org.infinispan.remoting.transport.Address;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Five nodes of which two are cut off from the other three.
class MajorityTest {

    private static final List<String> NAMES =
            IntStream.range(0, 60).mapToObj(i -> "map " + i).toList();

    private final List<GridNode> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(GridNode::close);
    }

    private static Address address(GridNode node) {
        return node.grid().cache().getCacheManager().getAddress();
    }

    /// Returns the maps whose copies are all on some nodes.
    private List<String> completeOn(List<GridNode> some) {
        Set<Address> all = some.stream().map(MajorityTest::address).collect(Collectors.toSet());
        var topology = nodes.getFirst().grid().cache().getDistributionManager().getCacheTopology();
        return NAMES.stream()
                .filter(name ->
                        all.containsAll(
                                topology.getWriteOwners(
                                        (Object) new WrappedByteArray(GridKey.ofClaim(name)))))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void the_larger_side_goes_on_with_what_it_has_completely(int copies) throws Exception {
        Replication five =
                Replication.of("a secret of this test").withExpectedNodes(5).withCopies(copies);
        GridNode.start(nodes, 5, five);
        for (String name : NAMES) {
            nodes.getLast().maps().create(name).put("k", name.getBytes(UTF_8));
        }
        List<GridNode> three = nodes.subList(0, 3);
        List<GridNode> two = nodes.subList(3, 5);
        List<String> usable = copies == 3 ? NAMES : completeOn(three);
        List<String> refused = new ArrayList<>(NAMES);
        refused.removeAll(usable);
        assertThat(usable).isNotEmpty();

        GridNode.cut(three, two);
        two.forEach(MajorityTest::awaitDegraded);
        three.forEach(node -> node.awaitMembers(2));
        if (copies == 3) {
            three.forEach(node -> node.sees(2));
        } else {
            three.forEach(MajorityTest::awaitDegraded);
        }

        for (String name : usable) {
            ReplicatedMap map = nodes.getFirst().maps().open(name).orElseThrow();
            assertThat(map.get("k")).asString(UTF_8).isEqualTo(name);
            map.put("k", "in the partition".getBytes(UTF_8));
            map.put("new", "in the partition".getBytes(UTF_8));
        }
        for (String name : refused) {
            assertThatThrownBy(() -> nodes.getFirst().maps().open(name))
                    .isInstanceOf(NoQuorumException.class);
        }
        for (String name : NAMES) {
            assertThatThrownBy(() -> nodes.getLast().maps().open(name))
                    .isInstanceOf(NoQuorumException.class);
        }

        nodes.forEach(GridNode::heal);
        nodes.forEach(node -> node.sees(4));
        for (String name : usable) {
            ReplicatedMap map = nodes.getLast().maps().open(name).orElseThrow();
            assertThat(map.get("k")).asString(UTF_8).isEqualTo("in the partition");
            assertThat(map.keys()).containsExactlyInAnyOrder("k", "new");
        }
        for (String name : refused) {
            assertThat(nodes.getLast().maps().open(name).orElseThrow().get("k"))
                    .asString(UTF_8)
                    .isEqualTo(name);
        }
    }

    private static void awaitDegraded(GridNode node) {
        await().atMost(GridNode.CEILING)
                .until(() -> node.availability() == AvailabilityMode.DEGRADED_MODE);
    }
}
