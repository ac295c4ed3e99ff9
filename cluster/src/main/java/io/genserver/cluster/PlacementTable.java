package io.genserver.cluster;

import io.genserver.Pid;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// Where the servers of a [DistributedSupervisor] are, as one node knows it. [Placement] changes
/// it, any thread reads it.
final class PlacementTable {

    private final ConcurrentMap<Object, Pid> servers = new ConcurrentHashMap<>();

    @Nullable Pid find(Object key) {
        return servers.get(key);
    }

    Set<?> keys() {
        return Set.copyOf(servers.keySet());
    }

    void put(Object key, Pid server) {
        servers.put(key, server);
    }

    boolean remove(Object key, Pid server) {
        return servers.remove(key, server);
    }

    /// Returns the servers of a node.
    Map<Object, Pid> of(String node) {
        Map<Object, Pid> all = new HashMap<>();
        servers.forEach((key, server) -> {
            if (server.node().equals(node)) {
                all.put(key, server);
            }
        });
        return all;
    }
}
