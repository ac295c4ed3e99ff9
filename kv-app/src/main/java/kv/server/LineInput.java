package kv.server;

import java.io.IOException;
import java.io.InputStream;

/// Reads lines that end with LF, or CR LF. Used by one thread.
///
/// It reads as much as has arrived, so that a client may send many requests before it reads the
/// first reply. While it waits for a line it holds only a small buffer, in which most lines fit. It
/// takes a large one when more has come.
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

    private static final int SMALL = 128; // units: bytes

    private final InputStream in;
    private final Buffers buffers;
    private final int longest;
    private final Progress progress;

    private final byte[] small = new byte[SMALL];
    private byte[] buffer = small;
    private int lineStart;
    private int lineEnd; // the place of the LF; valid after awaitLine or hasLine returned true
    private int searched; // there is no LF between lineStart and here
    private int end; // equal to lineStart: nothing has been read that is not taken

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
        if (lineStart == end && !awaitFirst()) {
            return false;
        }
        if (hasLine()) {
            return true;
        }
        progress.awaitsRest(buffer[lineStart]);
        do {
            if (!read()) {
                return false;
            }
        } while (!hasLine());
        return true;
    }

    /// Reads what comes first, and all that has come with it.
    private boolean awaitFirst() throws IOException {
        close();
        progress.awaitsLine();
        return read() && (end < SMALL || in.available() == 0 || read());
    }

    /// Returns whether a whole line has been read. Does not block.
    boolean hasLine() throws TooLong {
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
        Request request = Request.parse(buffer, lineStart, lineEnd);
        lineStart = lineEnd + 1;
        searched = lineStart;
        return request;
    }

    /// Returns the line that has been found, without taking it.
    String line() {
        return Words.text(buffer, lineStart, lineEnd);
    }

    /// Reads what has come, or waits for it.
    ///
    /// @return false at the end of the input
    private boolean read() throws IOException {
        if (end == buffer.length) {
            makeRoom();
        }
        int count = in.read(buffer, end, buffer.length - end);
        end += Math.max(count, 0);
        return count >= 0;
    }

    /// Moves the incomplete line to the start of the buffer, or of a larger one if it fills more
    /// than half of this one.
    private void makeRoom() {
        byte[] full = buffer;
        int length = end - lineStart;
        if (full == small) {
            buffer = buffers.take();
        } else if (length > full.length / 2) {
            buffer = new byte[full.length * 2];
        }
        System.arraycopy(full, lineStart, buffer, 0, length);
        if (buffer != full && full != small) {
            buffers.giveBack(full);
        }
        searched -= lineStart;
        lineStart = 0;
        end = length;
    }

    /// Reads and drops what comes, up to the end of the input.
    void discardAll() throws IOException {
        close();
        while (in.read(small) >= 0) {} // nothing that comes has a meaning
    }

    /// Gives the large buffer back. What has not been taken is dropped.
    void close() {
        if (buffer != small) {
            buffers.giveBack(buffer);
            buffer = small;
        }
        lineStart = 0;
        searched = 0;
        end = 0;
    }
}
