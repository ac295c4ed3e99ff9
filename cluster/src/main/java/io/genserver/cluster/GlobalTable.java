package io.genserver.cluster;

import io.genserver.Pid;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// The names of [Global], as one node knows them. [GlobalNames] changes it, any thread reads it.
final class GlobalTable {

    private final ConcurrentMap<Object, Pid> names = new ConcurrentHashMap<>();

    @Nullable Pid find(Object name) {
        return names.get(name);
    }

    Set<Object> names() {
        return Set.copyOf(names.keySet());
    }

    void put(Object name, Pid process) {
        names.put(name, process);
    }

    boolean remove(Object name, Pid process) {
        return names.remove(name, process);
    }

    /// Returns the names of a node's processes.
    Map<Object, Pid> of(String node) {
        Map<Object, Pid> all = new HashMap<>();
        names.forEach((name, process) -> {
            if (process.node().equals(node)) {
                all.put(name, process);
            }
        });
        return all;
    }
}
