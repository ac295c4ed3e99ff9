package io.genserver.cluster.infinispan;

import io.genserver.cluster.ReplicatedMap;
import io.genserver.cluster.ReplicationException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.infinispan.AdvancedCache;
import org.jspecify.annotations.Nullable;

/// A map, as its writer uses it.
///
/// ## Why a writer that was replaced does no harm
///
/// The map's claim is the number of its writer. A writer that opens the map first stores its claim,
/// and then loads the entries.
///
/// - After each write it checks that the claim is still its own. If so, the write was made before
///   another writer has loaded the entries.
/// - A write replaces only what the writer knows, and each value holds the number of its writer. So
///   a write that is late, because its node was paused or cut off, changes nothing that another
///   writer has written.
final class GridMap implements ReplicatedMap {

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Grid grid;
    private final String name;
    private final byte[] claim;

    /// What this writer has loaded and written. A value is the number of its writer and then the
    /// bytes of the user.
    private final Map<String, byte[]> known = new HashMap<>();

    private boolean isUsable = true;

    private GridMap(Grid grid, String name, byte[] claim) {
        this.grid = grid;
        this.name = name;
        this.claim = claim;
    }

    static GridMap open(Grid grid, String name) {
        byte[] claim = new byte[Long.BYTES];
        RANDOM.nextBytes(claim);
        GridMap map = new GridMap(grid, name, claim);
        Grid.ask(
                "open the map " + name,
                () -> {
                    grid.cache().put(GridKey.ofClaim(name), claim);
                    map.load();
                    return null;
                });
        return map;
    }

    private void load() {
        grid.cache()
                .getGroup(name)
                .forEach((key, value) -> {
                    if (!GridKey.isClaim(key)) {
                        known.put(GridKey.entry(key), value);
                    }
                });
    }

    @Override
    public byte @Nullable [] get(String key) {
        byte[] stored = known.get(key);
        return stored == null ? null : Arrays.copyOfRange(stored, Long.BYTES, stored.length);
    }

    @Override
    public Set<String> keys() {
        return Collections.unmodifiableSet(known.keySet());
    }

    @Override
    public void put(String key, byte[] value) {
        AdvancedCache<byte[], byte[]> cache = grid.cache();
        byte[] path = GridKey.ofEntry(name, key);
        byte[] before = known.get(key);
        byte[] after = ByteBuffer.allocate(Long.BYTES + value.length).put(claim).put(value).array();
        write(() ->
                before == null
                        ? cache.putIfAbsent(path, after) == null
                        : cache.replace(path, before, after));
        known.put(key, after);
    }

    @Override
    public void remove(String key) {
        byte[] before = known.get(key);
        if (before != null) {
            write(() -> grid.cache().remove(GridKey.ofEntry(name, key), before));
            known.remove(key);
        }
    }

    @Override
    public void delete() {
        List.copyOf(known.keySet()).forEach(this::remove);
        // The claim is the last, because a map without one does not exist.
        change(() -> grid.cache().remove(GridKey.ofClaim(name), claim));
        isUsable = false;
    }

    private void write(BooleanSupplier conditional) {
        change(() ->
                conditional.getAsBoolean()
                        && Arrays.equals(claim, grid.cache().get(GridKey.ofClaim(name))));
    }

    private void change(BooleanSupplier change) {
        if (!isUsable) {
            throw new IllegalStateException(
                    "expected the map "
                            + name
                            + " to be in use, but it is deleted, or an earlier write has failed");
        }
        isUsable = false; // until the write has worked
        if (!Grid.ask("change the map " + name, change::getAsBoolean)) {
            throw new ReplicationException(
                    "expected to be the writer of the map "
                            + name
                            + ", but another one has opened it");
        }
        isUsable = true;
    }
}
