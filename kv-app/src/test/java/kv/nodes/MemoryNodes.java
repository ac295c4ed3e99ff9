package kv.nodes;

import static org.awaitility.Awaitility.await;

import io.genserver.Node;
import io.genserver.cluster.Cluster;
import io.genserver.cluster.ClusterOptions;
import io.genserver.cluster.memory.MemoryMaps;
import io.genserver.cluster.memory.MemoryNetwork;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/// Nodes with buckets that all run in this JVM. Node `a` has the name `a@memory`.
public final class MemoryNodes implements AutoCloseable {

    public static final Duration LONG = Duration.ofSeconds(20);

    public final MemoryNetwork network = new MemoryNetwork(7);
    private final MemoryMaps maps = new MemoryMaps();
    private final Map<String, Node> nodes = new HashMap<>();
    private final Map<String, NodeBuckets> buckets = new HashMap<>();

    private final int expected;

    /// @param expected how many nodes there should be
    public MemoryNodes(int expected) {
        this.expected = expected;
    }

    /// Starts nodes with buckets.
    void start(String... names) throws IOException {
        for (String name : names) {
            start(name, Room::unlimited);
        }
    }

    void start(String name, Supplier<? extends Room> rooms) throws IOException {
        NodeBuckets declared = join(name, rooms);
        on(
                name,
                () ->
                        Supervisor.start(
                                List.of(declared.childSpec()),
                                SupervisorFlags.of(Strategy.ONE_FOR_ONE)));
    }

    /// Starts a node that has joined the others and runs nothing.
    public NodeBuckets join(String name, Supplier<? extends Room> rooms) throws IOException {
        NodeBuckets declared =
                new NodeBuckets(
                        ClusterOptions.named(name + "@memory")
                                .withCookie("a secret of this test")
                                .withExpectedNodes(expected),
                        new NodeBuckets.Carrier(network.engine(name), maps),
                        rooms);
        nodes.put(name, Node.start(name));
        on(
                name,
                () -> {
                    declared.join();
                    return true;
                });
        buckets.put(name, declared);
        for (String node : nodes.keySet()) {
            awaitOn(node, () -> Cluster.nodes().size() == nodes.size() - 1);
        }
        return declared;
    }

    /// Lets a node leave as at the end of its program.
    void leave(String name) {
        assertLeft(name);
        end(name);
    }

    private void assertLeft(String name) {
        if (!on(name, () -> buckets(name).leave())) {
            throw new AssertionError("expected all buckets of " + name + " to move");
        }
    }

    /// Lets a node end at once, as after kill -9.
    void kill(String name) {
        network.crash(name);
        end(name);
    }

    private void end(String name) {
        Objects.requireNonNull(buckets.remove(name)).close();
        Objects.requireNonNull(nodes.remove(name)).close();
    }

    NodeBuckets buckets(String name) {
        return Objects.requireNonNull(buckets.get(name));
    }

    /// Calls a function on a node.
    public <T> T on(String name, Callable<T> body) {
        try {
            return Objects.requireNonNull(nodes.get(name)).<T, Exception>call(body::call);
        } catch (RuntimeException thrown) {
            throw thrown;
        } catch (Exception thrown) {
            throw new AssertionError(thrown);
        }
    }

    /// Waits until something holds on a node.
    public void awaitOn(String name, Callable<Boolean> condition) {
        await().atMost(LONG).until(() -> on(name, condition));
    }

    @Override
    public void close() {
        List.copyOf(nodes.keySet()).forEach(this::end);
    }
}
