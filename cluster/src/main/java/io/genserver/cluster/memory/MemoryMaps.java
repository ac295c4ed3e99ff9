package io.genserver.cluster.memory;

import io.genserver.cluster.Cluster;
import io.genserver.cluster.NoQuorumException;
import io.genserver.cluster.ReplicatedMap;
import io.genserver.cluster.ReplicatedMaps;
import io.genserver.cluster.ReplicationException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Replicated maps for tests. All nodes of a [MemoryNetwork] share one object. It outlives them, so
/// a node that crashes loses nothing. A node without a quorum is refused.
public final class MemoryMaps implements ReplicatedMaps {

    private final Map<String, Shared> maps = new ConcurrentHashMap<>();

    /// Makes an object without maps.
    public MemoryMaps() {}

    @Override
    public Optional<ReplicatedMap> open(String name) {
        checkQuorum("open the map " + name);
        return Optional.ofNullable(maps.get(name)).map(Writer::new);
    }

    @Override
    public ReplicatedMap create(String name) {
        checkQuorum("create the map " + name);
        return new Writer(maps.computeIfAbsent(name, Shared::new));
    }

    private static void checkQuorum(String what) {
        if (!Cluster.hasQuorum()) {
            throw new NoQuorumException(what);
        }
    }

    private static final class Shared {

        private final String name;
        private final Map<String, byte[]> entries = new HashMap<>(); // guarded by this
        private @Nullable Writer writer; // guarded by this

        Shared(String name) {
            this.name = name;
        }
    }

    private final class Writer implements ReplicatedMap {

        private final Shared shared;

        Writer(Shared shared) {
            this.shared = shared;
            synchronized (shared) {
                shared.writer = this;
            }
        }

        @Override
        public byte @Nullable [] get(String key) {
            synchronized (shared) {
                return shared.entries.get(key);
            }
        }

        @Override
        public Set<String> keys() {
            synchronized (shared) {
                return Set.copyOf(shared.entries.keySet());
            }
        }

        @Override
        public void put(String key, byte[] value) {
            write(() -> shared.entries.put(key, value));
        }

        @Override
        public void remove(String key) {
            write(() -> shared.entries.remove(key));
        }

        @Override
        public void delete() {
            write(() -> {
                maps.remove(shared.name);
                shared.writer = null;
            });
        }

        private void write(Runnable change) {
            checkQuorum("change the map " + shared.name);
            synchronized (shared) {
                if (shared.writer != this) {
                    throw new ReplicationException(
                            "expected to be the writer of the map "
                                    + shared.name
                                    + ", but another one has opened it");
                }
                change.run();
            }
        }
    }
}
