package io.genserver.cluster.infinispan;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.infinispan.AdvancedCache;
import org.jspecify.annotations.Nullable;

/// The entry of the cache that says who writes a map, and how many pages list its keys. A map
/// without one does not exist.
///
/// @param writer the number of the writer, which is chosen at random
/// @param pages how many pages there are; -1 if the map is deleted
record Claim(long writer, int pages) {

    private static final SecureRandom RANDOM = new SecureRandom();

    private static final int DELETED = -1;

    /// How long the claim of a deleted map stays, so that a late creation of it fails. Much longer
    /// than a message can be late.
    private static final long GRAVE_MINUTES = 10;

    /// Returns the claim on a map that does not exist yet.
    static Claim first() {
        return new Claim(RANDOM.nextLong(), 0);
    }

    /// Reads the claim on a map.
    ///
    /// @return null if the map does not exist
    static @Nullable Claim find(AdvancedCache<byte[], byte[]> cache, String map) {
        byte[] stored = cache.get(GridKey.ofClaim(map));
        if (stored == null) {
            return null;
        }
        ByteBuffer read = ByteBuffer.wrap(stored);
        return new Claim(read.getLong(), read.getInt());
    }

    boolean isDeleted() {
        return pages == DELETED;
    }

    Claim ofNextWriter() {
        return new Claim(RANDOM.nextLong(), pages);
    }

    Claim withOneMorePage() {
        return new Claim(writer, pages + 1);
    }

    /// Stores this claim.
    ///
    /// @param before the claim that is there
    /// @return false if another one is there
    boolean replace(AdvancedCache<byte[], byte[]> cache, String map, @Nullable Claim before) {
        byte[] key = GridKey.ofClaim(map);
        return before == null
                ? cache.putIfAbsent(key, encode()) == null
                : cache.replace(key, before.encode(), encode());
    }

    /// Ends the map if this claim is there.
    ///
    /// @return false if another one is there
    boolean delete(AdvancedCache<byte[], byte[]> cache, String map) {
        return cache.replace(
                GridKey.ofClaim(map),
                encode(),
                new Claim(writer, DELETED).encode(),
                GRAVE_MINUTES,
                TimeUnit.MINUTES);
    }

    private byte[] encode() {
        return ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                .putLong(writer)
                .putInt(pages)
                .array();
    }
}
