package kv.server;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// Buffers for connections that are at work. A connection that waits for its client has none, so
/// thousands of idle connections cost little. All buffers together have a limit, so thousands of
/// clients that begin a line and do not end it cannot use up the memory. Any thread may take and
/// give back.
final class Buffers {

    static final int SIZE = 16 * 1024; // units: bytes

    /// Thrown if all connections together hold too much.
    static final class Exhausted extends IOException {
        private static final long serialVersionUID = 1L;

        Exhausted(long limit) {
            super("expected unfinished requests and replies of at most " + limit + " bytes in all");
        }
    }

    private static final int MOST_FREE = 256;

    private final long limit; // units: bytes
    private final AtomicLong taken = new AtomicLong(); // units: bytes

    private final Queue<byte[]> free = new ConcurrentLinkedQueue<>();
    private final AtomicLong freeCount = new AtomicLong();

    Buffers(long limit) {
        this.limit = limit;
    }

    /// Returns how many bytes the buffers in use have.
    long taken() {
        return taken.get();
    }

    byte[] take() throws Exhausted {
        return take(SIZE);
    }

    byte[] take(int size) throws Exhausted {
        if (taken.addAndGet(size) > limit) {
            taken.addAndGet(-size);
            throw new Exhausted(limit);
        }
        byte[] buffer = size == SIZE ? free.poll() : null;
        if (buffer == null) {
            return new byte[size];
        }
        freeCount.decrementAndGet();
        return buffer;
    }

    /// Takes a buffer back. It is kept, unless it was made for a long line or many are free.
    void giveBack(byte[] buffer) {
        taken.addAndGet(-buffer.length);
        if (buffer.length == SIZE && freeCount.get() < MOST_FREE) {
            freeCount.incrementAndGet();
            free.add(buffer);
        }
    }
}
