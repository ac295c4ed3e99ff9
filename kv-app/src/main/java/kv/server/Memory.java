package kv.server;

import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import kv.nodes.Room;
import kv.store.Store;
import org.jspecify.annotations.Nullable;

/// Counts the bytes that all buckets use, and refuses what exceeds the limit. The numbers are
/// estimates: what the JVM needs for an entry beside its bytes. Any thread may use it.
///
/// A bucket of a store counts from its creation on, also while it is not loaded, because any client
/// can make the server load it. So the buckets that the store has accepted fit into the memory.
final class Memory {

    private static final int BUCKET = 2_000; // units: bytes; a process, its name and an empty map
    private static final int ENTRY = 150; // units: bytes; a map entry and two strings

    private final long limit;
    private final AtomicLong used = new AtomicLong();

    /// What each bucket of the store uses, whether it is loaded or not.
    private final ConcurrentNavigableMap<String, Share> stored = new ConcurrentSkipListMap<>();

    Memory(long limit) {
        this.limit = limit;
    }

    /// Returns how many bytes are in use.
    long used() {
        return used.get();
    }

    /// Returns whether more is in use than the limit allows, as after a start with a lower limit.
    boolean isExceeded() {
        return used.get() > limit;
    }

    /// Counts all that a store has.
    void count(Store store) {
        store.visit((bucket, key, value) -> {
            Share share = stored(bucket);
            if (!key.isEmpty()) {
                share.change(sizeOf(key, value));
            }
        });
    }

    /// Returns what a bucket of the store uses. Counts an empty bucket if it is new.
    Share stored(String bucket) {
        Share known = stored.get(bucket);
        if (known != null) {
            return known;
        }
        Share fresh = new Share();
        known = stored.putIfAbsent(bucket, fresh);
        if (known != null) {
            return known;
        }
        fresh.change(BUCKET);
        return fresh;
    }

    /// Returns the names of the buckets of the store, in alphabetical order.
    Stream<String> storedNames() {
        return stored.keySet().stream();
    }

    /// Returns how many buckets the store has.
    int storedCount() {
        return stored.size();
    }

    /// Returns whether there is room for one more bucket.
    boolean hasRoom() {
        return used.get() + BUCKET <= limit;
    }

    private boolean reserve(long bytes) {
        if (bytes == 0) {
            return true; // a value of the same size, such as a counter's
        }
        if (used.addAndGet(bytes) <= limit || bytes < 0) {
            return true;
        }
        used.addAndGet(-bytes);
        return false;
    }

    /// What one bucket uses. Used by the bucket. Without a store it is closed after the bucket's
    /// end.
    final class Share implements Room {

        private final AtomicLong held = new AtomicLong();

        /// Sets what a bucket needs that starts with some entries, also beyond the limit, because a
        /// bucket that has crashed must be able to start again.
        @Override
        public void start(Map<String, String> entries) {
            long size = BUCKET;
            for (Map.Entry<String, String> entry : entries.entrySet()) {
                size += sizeOf(entry.getKey(), entry.getValue());
            }
            used.addAndGet(size - held.getAndSet(size));
        }

        /// Adds what an entry needs, unless that would exceed the limit.
        ///
        /// @return whether it was added
        boolean add(long bytes) {
            if (!reserve(bytes)) {
                return false;
            }
            held.addAndGet(bytes);
            return true;
        }

        /// Adds what an entry of the store needs, also beyond the limit. A negative number removes
        /// what is no longer needed.
        void change(long bytes) {
            if (bytes != 0) {
                held.addAndGet(bytes);
                used.addAndGet(bytes);
            }
        }

        @Override
        public boolean open() {
            return add(BUCKET);
        }

        @Override
        public boolean put(String key, @Nullable String before, String value) {
            return add(sizeOf(key, value) - (before == null ? 0 : sizeOf(key, before)));
        }

        @Override
        public void remove(String key, String value) {
            change(-sizeOf(key, value));
        }

        @Override
        public void close() {
            used.addAndGet(-held.getAndSet(0));
        }
    }

    /// Returns what an entry needs.
    static long sizeOf(String key, String value) {
        return (long) ENTRY + key.length() + value.length();
    }
}
