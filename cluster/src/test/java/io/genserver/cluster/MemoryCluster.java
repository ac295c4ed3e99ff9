package io.genserver.cluster;

import static org.awaitility.Awaitility.await;

import io.genserver.Node;
import io.genserver.Processes;
import io.genserver.cluster.memory.MemoryNetwork;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// Nodes of this JVM that are in a cluster over memory. Node `a` is `a@memory` in the cluster.
final class MemoryCluster implements AutoCloseable {

    static final Duration LONG = Duration.ofSeconds(20);

    final MemoryNetwork network = new MemoryNetwork(7);
    private final UnaryOperator<ClusterOptions> options;
    private final Map<String, Node> nodes = new HashMap<>();
    private final Map<String, Cluster> clusters = new HashMap<>();

    MemoryCluster(UnaryOperator<ClusterOptions> options) {
        this.options = options;
    }

    /// Starts nodes, and waits until all are connected.
    MemoryCluster start(String... names) throws IOException {
        for (String name : names) {
            nodes.put(name, Node.start(name));
            join(name);
        }
        for (String name : names) {
            awaitNodes(name, List.of(names).stream().filter(it -> !it.equals(name)).toList());
        }
        return this;
    }

    /// Lets a node join the cluster, for the first time or again.
    void join(String name) throws IOException {
        ClusterOptions chosen =
                options.apply(
                        ClusterOptions.named(name + "@memory").withCookie("a secret of this test"));
        clusters.put(name, node(name).call(() -> Cluster.start(chosen, network.engine(name))));
    }

    /// Lets a node leave the cluster.
    void leave(String name) {
        Objects.requireNonNull(clusters.remove(name)).close();
    }

    Node node(String name) {
        return Objects.requireNonNull(nodes.get(name));
    }

    /// Waits until a node is connected with just these.
    void awaitNodes(String name, List<String> others) {
        List<String> wanted = others.stream().map(it -> it + "@memory").sorted().toList();
        await().atMost(LONG).until(() -> node(name).call(Cluster::nodes).equals(wanted));
    }

    /// Waits until something holds on a node.
    void awaitOn(String name, Callable<Boolean> condition) {
        await().atMost(LONG).until(() -> node(name).<Boolean, Exception>call(condition::call));
    }

    /// Calls a function on a node.
    <T> T on(String name, Callable<T> body) {
        try {
            return node(name).<T, Exception>call(body::call);
        } catch (RuntimeException thrown) {
            throw thrown;
        } catch (Exception thrown) {
            throw new AssertionError(thrown);
        }
    }

    /// Runs something in a process of a node, and returns its result.
    <T> T inProcess(String name, Callable<T> body) {
        CompletableFuture<T> result = new CompletableFuture<>();
        node(name)
                .run(() ->
                        Processes.spawn(() -> {
                            try {
                                result.complete(body.call());
                            } catch (Throwable thrown) {
                                result.completeExceptionally(thrown);
                            }
                        }));
        return result.orTimeout(LONG.toSeconds(), TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        clusters.values().forEach(Cluster::close);
        nodes.values().forEach(Node::close);
    }
}
