package io.genserver.cluster.infinispan;

import static org.awaitility.Awaitility.await;

import io.genserver.cluster.NoQuorumException;
import io.genserver.cluster.ReplicatedMaps;
import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import io.genserver.cluster.jgroups.JGroupsEngine;
import io.genserver.cluster.jgroups.JGroupsOptions;
import io.genserver.cluster.jgroups.Replication;
import io.genserver.ports.FreePorts;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.infinispan.partitionhandling.AvailabilityMode;
import org.jgroups.Address;
import org.jgroups.protocols.DISCARD;
import org.jgroups.protocols.TCP;
import org.jgroups.stack.ProtocolStack;

/// An engine with maps.
final class GridNode implements Engine.Handler, AutoCloseable {

    static final Duration CEILING = Duration.ofSeconds(60);

    final String address;
    private final JGroupsEngine engine;
    private final DISCARD wire = new DISCARD();
    private volatile Set<Member> members = Set.of();

    private GridNode(String address, Replication replication, List<String> seeds) {
        this.address = address;
        engine =
                new JGroupsEngine(
                        JGroupsOptions.at(address)
                                .withSeeds(seeds)
                                .withFailureDetection(Duration.ofSeconds(3), Duration.ofMillis(500))
                                .withReplication(replication));
    }

    static GridNode started(Replication replication, GridNode... seeds) throws Exception {
        GridNode node =
                new GridNode(
                        FreePorts.nextAddress(),
                        replication,
                        List.of(seeds).stream().map(n -> n.address).toList());
        node.engine.start(node);
        node.channel().insertProtocol(node.wire, ProtocolStack.Position.ABOVE, TCP.class);
        return node;
    }

    /// Starts nodes that see each other.
    ///
    /// @param nodes gets each node when it has started, so that the test can close it
    static void start(List<GridNode> nodes, int count, Replication replication) throws Exception {
        for (int i = 0; i < count; i++) {
            nodes.add(started(replication, nodes.toArray(GridNode[]::new)));
        }
        nodes.forEach(node -> node.sees(count - 1));
    }

    Grid grid() {
        return (Grid) engine.maps();
    }

    ReplicatedMaps maps() {
        return engine.maps();
    }

    private ProtocolStack channel() {
        return grid().channel().getProtocolStack().getTransport().getProtocolStack();
    }

    /// Cuts this node off from all others, or ends that.
    void cut(boolean isCut) {
        wire.discardAll(isCut);
    }

    /// Cuts nodes off from other ones, until [#heal].
    static void cut(List<GridNode> one, List<GridNode> others) {
        for (GridNode node : one) {
            for (GridNode other : others) {
                node.wire.addIgnoredMembers(other.self());
                other.wire.addIgnoredMembers(node.self());
            }
        }
    }

    /// Lets this node hear late of what the others do, but not of their end.
    void hearLate() throws Exception {
        channel().insertProtocol(new Late(), ProtocolStack.Position.BELOW, Fork.class);
    }

    private Address self() {
        return channel().getTransport().getAddress();
    }

    /// Ends all cuts of this node.
    void heal() {
        wire.resetIgnoredMembers();
    }

    /// Waits until the engine and the maps see so many other nodes, and all entries are where they
    /// belong.
    void sees(int others) {
        await().atMost(CEILING)
                .ignoreException(NoQuorumException.class) // the node has not joined yet
                .until(() -> members.size() == others && isSettled(others + 1));
    }

    /// Returns whether the maps have all entries, as far as this node may know.
    AvailabilityMode availability() {
        try {
            return grid().cache().getAvailability();
        } catch (NoQuorumException refused) {
            return AvailabilityMode.DEGRADED_MODE;
        }
    }

    /// Waits until the engine sees so many other nodes.
    void awaitMembers(int others) {
        await().atMost(CEILING).until(() -> members.size() == others);
    }

    private boolean isSettled(int nodes) {
        var topology = grid().cache().getDistributionManager().getCacheTopology();
        return topology.getMembers().size() == nodes
                && topology.getPendingCH() == null
                && topology.getActualMembers().size() == nodes
                && grid().cache().getAvailability() == AvailabilityMode.AVAILABLE;
    }

    @Override
    public void members(Set<Member> all, Set<Member> merged) {
        members = all;
    }

    @Override
    public void received(Member from, byte[] frame) {
        throw new AssertionError("no frame was sent");
    }

    @Override
    public void close() {
        engine.close();
    }
}
