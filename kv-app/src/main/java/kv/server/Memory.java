package kv.server;

import java.util.concurrent.atomic.AtomicLong;

/// Counts the bytes that all buckets use, and refuses what exceeds the limit. The numbers are
/// estimates: what the JVM needs for an entry beside its bytes. Any thread may use it.
final class Memory {

    private static final int BUCKET = 2_000; // units: bytes; a process, its name and an empty map
    private static final int ENTRY = 150; // units: bytes; a map entry and two strings

    private final long limit;
    private final AtomicLong used = new AtomicLong();

    Memory(long limit) {
        this.limit = limit;
    }

    /// Returns how many bytes are in use.
    long used() {
        return used.get();
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

    /// What one bucket uses. Used by the bucket, and closed after its end.
    final class Share implements AutoCloseable {

        private final AtomicLong held = new AtomicLong();

        /// Adds what an empty bucket needs, also beyond the limit, because a bucket that has
        /// crashed must be able to start again.
        void addBucket() {
            change(BUCKET);
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

        /// Adds what an entry of the store needs, also beyond the limit; or with a negative number
        /// removes what is not needed any more.
        void change(long bytes) {
            if (bytes != 0) {
                held.addAndGet(bytes);
                used.addAndGet(bytes);
            }
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
