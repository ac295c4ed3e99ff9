package io.genserver.cluster.infinispan;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Some of the keys of a map, as one entry of the cache: the number of the writer that has stored
/// it, how often it was stored, and the keys. Each key is between its length and the number of the
/// place that has its value.
final class KeyPage {

    /// How much the keys of a page need at most, unless there is only one. A write costs a message
    /// with a page. Units: bytes
    static final int ROOM = 1_024;

    private final int number;
    private final Map<String, Byte> places = new LinkedHashMap<>();
    private byte @Nullable [] stored;
    private long version;
    private int size; // units: bytes

    /// Reads a page.
    ///
    /// @param stored what the cache has; null if it has nothing
    KeyPage(int number, byte @Nullable [] stored) {
        this.number = number;
        this.stored = stored;
        if (stored != null) {
            ByteBuffer read = ByteBuffer.wrap(stored).position(Long.BYTES);
            version = read.getLong();
            while (read.hasRemaining()) {
                byte[] key = new byte[read.getInt()];
                read.get(key);
                put(new String(key, UTF_8), read.get());
            }
        }
    }

    int number() {
        return number;
    }

    Set<String> keys() {
        return Collections.unmodifiableSet(places.keySet());
    }

    boolean hasRoomFor(String key) {
        return size + size(key) <= ROOM;
    }

    /// Returns the place of a value.
    byte place(String key) {
        return Objects.requireNonNull(places.get(key));
    }

    void put(String key, byte place) {
        if (places.put(key, place) == null) {
            size += size(key);
        }
    }

    void remove(String key) {
        if (places.remove(key) != null) {
            size -= size(key);
        }
    }

    private static int size(String key) {
        return Integer.BYTES + key.getBytes(UTF_8).length + Byte.BYTES;
    }

    /// Returns what the cache has.
    byte @Nullable [] stored() {
        return stored;
    }

    /// Returns what the cache is to have next. It is different each time.
    byte[] encode(long writer) {
        version++;
        ByteBuffer page =
                ByteBuffer.allocate(2 * Long.BYTES + size).putLong(writer).putLong(version);
        places.forEach((key, place) -> {
            byte[] bytes = key.getBytes(UTF_8);
            page.putInt(bytes.length).put(bytes).put(place);
        });
        stored = page.array();
        return stored;
    }
}
