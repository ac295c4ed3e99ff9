package kv.server;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Buffers for connections that are at work. A connection that waits for its client has none, so
/// thousands of idle connections cost little. Any thread may take and give back.
final class Buffers {

    static final int SIZE = 16 * 1024; // units: bytes

    /// No more than were in use at the same time.
    private final Queue<byte[]> free = new ConcurrentLinkedQueue<>();

    byte[] take() {
        byte[] buffer = free.poll();
        return buffer == null ? new byte[SIZE] : buffer;
    }

    /// Takes a buffer back. A buffer of another size, which was made for a long line, is left to
    /// the garbage collector.
    void giveBack(byte[] buffer) {
        if (buffer.length == SIZE) {
            free.add(buffer);
        }
    }
}
