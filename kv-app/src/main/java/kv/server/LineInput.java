package kv.server;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Reads lines that end with LF, or CR LF. Used by one thread.
///
/// It reads as much as has arrived, so that a client may send many requests before it reads the
/// first reply. While it waits for the first byte of a line it holds no buffer.
final class LineInput {

    /// Is told what the input waits for.
    interface Progress {
        /// The input waits for the first byte of a line.
        void awaitsLine();

        /// The input waits for the rest of a line.
        ///
        /// @param first the first byte of the line
        void awaitsRest(byte first) throws IOException;
    }

    /// Thrown for a line that is longer than the limit.
    static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;

        TooLong(int limit) {
            super("expected a line of at most " + limit + " bytes");
        }
    }

    private final InputStream in;
    private final Buffers buffers;
    private final int longest;
    private final Progress progress;

    private byte @Nullable [] buffer; // null: nothing has been read that is not taken
    private int lineStart;
    private int lineEnd; // the place of the LF; valid after awaitLine returned true
    private int searched; // there is no LF between lineStart and here
    private int end;

    LineInput(InputStream in, Buffers buffers, int longest, Progress progress) {
        this.in = in;
        this.buffers = buffers;
        this.longest = longest;
        this.progress = progress;
    }

    /// Waits for a line.
    ///
    /// @return false if the client has closed the connection; a line without an end is dropped
    /// @throws TooLong if more bytes than the limit have come without an LF
    boolean awaitLine() throws IOException {
        if (buffer == null && !awaitFirstByte()) {
            return false;
        }
        if (hasLine()) {
            return true;
        }
        progress.awaitsRest(held()[lineStart]);
        do {
            int count = read();
            if (count < 0) {
                return false;
            }
            end += count;
        } while (!hasLine());
        return true;
    }

    private boolean awaitFirstByte() throws IOException {
        progress.awaitsLine();
        int first = in.read();
        if (first < 0) {
            return false;
        }
        byte[] fresh = buffers.take();
        fresh[0] = (byte) first;
        buffer = fresh;
        lineStart = 0;
        searched = 0;
        end = 1;
        return true;
    }

    /// Returns whether a whole line has been read. Does not block.
    boolean hasLine() throws TooLong {
        if (buffer == null) {
            return false;
        }
        while (searched < end) {
            if (buffer[searched] == '\n') {
                lineEnd = searched;
                checkLength(lineEnd - lineStart);
                return true;
            }
            searched++;
        }
        checkLength(end - lineStart);
        return false;
    }

    private void checkLength(int length) throws TooLong {
        if (length > longest) {
            throw new TooLong(longest);
        }
    }

    /// Takes the line that [#awaitLine] or [#hasLine] has found.
    Request takeRequest() {
        byte[] bytes = held();
        Request request = Request.parse(bytes, lineStart, lineEnd);
        lineStart = lineEnd + 1;
        searched = lineStart;
        if (lineStart == end) {
            close();
        }
        return request;
    }

    /// Returns the line that has been found, without taking it.
    String line() {
        return Words.text(held(), lineStart, lineEnd);
    }

    private int read() throws IOException {
        byte[] bytes = held();
        if (end == bytes.length) {
            bytes = withRoom(bytes);
        }
        return in.read(bytes, end, bytes.length - end);
    }

    /// Moves the incomplete line to the start of the buffer, or of a larger one if it fills this
    /// one.
    private byte[] withRoom(byte[] full) throws Buffers.Exhausted {
        int length = end - lineStart;
        byte[] roomy = length > full.length / 2 ? buffers.take(full.length * 2) : full;
        System.arraycopy(full, lineStart, roomy, 0, length);
        if (roomy != full) {
            buffers.giveBack(full);
            buffer = roomy;
        }
        searched -= lineStart;
        lineStart = 0;
        end = length;
        return roomy;
    }

    private byte[] held() {
        if (buffer == null) {
            throw new IllegalStateException("expected awaitLine or hasLine to have found a line");
        }
        return buffer;
    }

    /// Reads and drops what comes, up to the end of the input.
    ///
    /// This does not touch the buffer, so another thread than the input's may call it after
    /// [#close].
    void discardAll() throws IOException {
        byte[] dropped = new byte[64];
        while (in.read(dropped) >= 0) {} // nothing a subscriber sends has a meaning
    }

    /// Gives the buffer back. What has not been taken is dropped.
    void close() {
        if (buffer != null) {
            buffers.giveBack(buffer);
            buffer = null;
        }
    }
}
