package io.genserver.cluster.memory;

import io.genserver.cluster.Cluster;
import io.genserver.cluster.NoQuorumException;
import io.genserver.cluster.ReplicatedMap;
import io.genserver.cluster.ReplicatedMaps;
import io.genserver.cluster.ReplicationException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Replicated maps for tests. All nodes of a [MemoryNetwork] share one object. It outlives them, so
/// a node that crashes loses nothing. A node without a quorum is refused.
public final class MemoryMaps implements ReplicatedMaps {

    private final Map<String, Shared> maps = new HashMap<>(); // guarded by this

    /// Makes an object without maps.
    public MemoryMaps() {}

    @Override
    public synchronized Optional<ReplicatedMap> open(String name) {
        checkQuorum("open the map " + name);
        return Optional.ofNullable(maps.get(name)).map(Writer::new);
    }

    @Override
    public synchronized ReplicatedMap create(String name) {
        checkQuorum("create the map " + name);
        return new Writer(maps.computeIfAbsent(name, Shared::new));
    }

    private static void checkQuorum(String what) {
        if (!Cluster.hasQuorum()) {
            throw new NoQuorumException(what);
        }
    }

    /// A map. Guarded by the maps.
    private static final class Shared {

        private final String name;
        private final Map<String, byte[]> entries = new HashMap<>();
        private @Nullable Writer writer;

        Shared(String name) {
            this.name = name;
        }
    }

    private final class Writer implements ReplicatedMap {

        private final Shared shared;

        /// What this writer has loaded and written.
        private final Map<String, byte[]> known;

        private boolean isUsable = true;

        /// Replaces the writer before. The caller holds the lock.
        Writer(Shared shared) {
            this.shared = shared;
            known = new HashMap<>(shared.entries);
            shared.writer = this;
        }

        @Override
        public byte @Nullable [] get(String key) {
            return known.get(key);
        }

        @Override
        public Set<String> keys() {
            return Collections.unmodifiableSet(known.keySet());
        }

        @Override
        public void put(String key, byte[] value) {
            change(() -> shared.entries.put(key, value));
            known.put(key, value);
        }

        @Override
        public void remove(String key) {
            if (known.containsKey(key)) {
                change(() -> shared.entries.remove(key));
                known.remove(key);
            }
        }

        @Override
        public void delete() {
            change(() -> {
                maps.remove(shared.name);
                shared.writer = null;
            });
            isUsable = false;
        }

        private void change(Runnable change) {
            if (!isUsable) {
                throw new IllegalStateException(
                        "expected the map "
                                + shared.name
                                + " to be in use, but it is deleted, or an earlier write has failed");
            }
            isUsable = false; // until the write has worked
            checkQuorum("change the map " + shared.name);
            synchronized (MemoryMaps.this) {
                if (shared.writer != this) {
                    throw new ReplicationException(
                            "expected to be the writer of the map "
                                    + shared.name
                                    + ", but another one has opened it");
                }
                change.run();
            }
            isUsable = true;
        }
    }
}
