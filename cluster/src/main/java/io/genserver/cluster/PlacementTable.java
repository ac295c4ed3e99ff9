package io.genserver.cluster;

import io.genserver.Pid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// Where the servers of a [DistributedSupervisor] are, as one node knows it. [Placement] changes
/// it, any thread reads it.
///
/// What one node tells of its servers arrives in order. What two nodes tell does not: when a server
/// has moved, its new place may be known before its old one. So a key has a server for each node
/// that tells of one, until that node tells of its end.
final class PlacementTable {

    /// The servers of each key, one or more, on different nodes. The first is the one to use.
    private final ConcurrentMap<Object, List<Pid>> servers = new ConcurrentHashMap<>();

    @Nullable Pid find(Object key) {
        List<Pid> all = servers.get(key);
        return all == null ? null : all.getFirst();
    }

    /// Returns all servers of a key. That there are several ends soon.
    List<Pid> all(Object key) {
        return servers.getOrDefault(key, List.of());
    }

    Set<?> keys() {
        return Set.copyOf(servers.keySet());
    }

    /// Adds a server, in place of another one of its node. It is the one to use from now on.
    void put(Object key, Pid server) {
        List<Pid> all = ofOthers(key, server.node());
        all.addFirst(server);
        store(key, all);
    }

    /// Adds a server, in place of another one of its node. It is used when there is no other one.
    void putLast(Object key, Pid server) {
        List<Pid> all = ofOthers(key, server.node());
        all.addLast(server);
        store(key, all);
    }

    private List<Pid> ofOthers(Object key, String node) {
        List<Pid> all = new ArrayList<>(all(key));
        all.removeIf(other -> other.node().equals(node));
        return all;
    }

    /// Removes a server.
    ///
    /// @return whether it was there
    boolean remove(Object key, Pid server) {
        boolean isThere = all(key).contains(server);
        if (isThere) {
            store(key, ofOthers(key, server.node()));
        }
        return isThere;
    }

    private void store(Object key, List<Pid> all) {
        if (all.isEmpty()) {
            servers.remove(key);
        } else {
            servers.put(key, List.copyOf(all));
        }
    }

    /// Returns the servers of a node.
    Map<Object, Pid> of(String node) {
        Map<Object, Pid> all = new HashMap<>();
        servers.forEach((key, some) -> {
            for (Pid server : some) {
                if (server.node().equals(node)) {
                    all.put(key, server);
                }
            }
        });
        return all;
    }
}
