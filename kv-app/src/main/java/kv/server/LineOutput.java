package kv.server;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/// Collects lines and writes them together. Used by one thread. Holds a buffer only between the
/// first line and [#flush].
///
/// It never holds more than one buffer: when that is full, it writes, and so waits for a client
/// that does not read.
final class LineOutput {

    private static final byte[] LINE_END = {'\r', '\n'};

    private final OutputStream out;
    private final Buffers buffers;
    private final Runnable beforeWrite;
    private final Runnable afterWrite;

    private byte @Nullable [] buffer; // null: nothing to write
    private int end;

    /// @param beforeWrite runs before each write, which blocks if the client does not read
    /// @param afterWrite runs after each write
    LineOutput(OutputStream out, Buffers buffers, Runnable beforeWrite, Runnable afterWrite) {
        this.out = out;
        this.buffers = buffers;
        this.beforeWrite = beforeWrite;
        this.afterWrite = afterWrite;
    }

    /// Adds a line, without its end.
    void line(String text) throws IOException {
        add(Words.bytes(text));
        add(LINE_END);
    }

    private void add(byte[] bytes) throws IOException {
        int from = 0;
        while (from < bytes.length) {
            if (buffer == null) {
                buffer = buffers.take();
            }
            int count = Math.min(bytes.length - from, buffer.length - end);
            System.arraycopy(bytes, from, buffer, end, count);
            from += count;
            end += count;
            if (end == buffer.length) {
                flush();
            }
        }
    }

    /// Writes what has been collected.
    void flush() throws IOException {
        if (buffer != null) {
            beforeWrite.run();
            out.write(buffer, 0, end);
            out.flush();
            close();
            afterWrite.run();
        }
    }

    /// Gives the buffer back. What has not been written is dropped.
    void close() {
        if (buffer != null) {
            buffers.giveBack(buffer);
            buffer = null;
            end = 0;
        }
    }
}
