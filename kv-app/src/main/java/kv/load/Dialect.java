package kv.load;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The language of a server: how a request is written, and where an answer ends and what it says.
/// Each line of an answer ends with CRLF.
abstract sealed class Dialect permits KvDialect, RedisDialect {

    static final byte[] END = Values.ascii("\r\n");

    /// What an answer says.
    enum Answer {
        /// The rest of the answer has not arrived.
        INCOMPLETE,
        /// A write is done.
        DONE,
        /// A GET found a value.
        VALUE,
        /// A GET found no value.
        MISSING,
        /// The server did not carry out the request and says why.
        REFUSED,
        /// The answer does not fit the request. Where it ends is not known.
        WRONG
    }

    /// An answer in a buffer. Reused, because there is one for each request.
    static final class Parsed {
        /// The place after the answer.
        int end;

        /// Where the value of a [Answer#VALUE] begins.
        int valueFrom;

        /// Where the value of a [Answer#VALUE] ends.
        int valueTo;
    }

    private final Values values;

    Dialect(Values values) {
        this.values = values;
    }

    /// Returns what begins each connection.
    abstract List<Exchange> greeting(Optional<String> token);

    /// Returns what prepares the server, on one connection.
    abstract List<Exchange> preparation();

    /// Appends a request.
    ///
    /// @param number the number of the write if it is a PUT
    abstract void write(ByteBuffer to, Operation operation, int key, long number);

    /// Returns the size of the longest request or answer. Units: bytes.
    abstract int longest();

    /// Returns the values of the load.
    final Values values() {
        return values;
    }

    /// Reads an answer.
    ///
    /// @param parsed set unless the answer is incomplete or wrong
    final Answer read(byte[] bytes, int from, int to, Operation operation, Parsed parsed) {
        int end = lineEnd(bytes, from, to);
        if (end < 0) {
            return Answer.INCOMPLETE;
        }
        parsed.end = end + END.length;
        if (operation != Operation.GET && isDone(operation, bytes, from, end)) {
            return Answer.DONE;
        }
        if (isRefusal(bytes, from, end)) {
            return Answer.REFUSED;
        }
        return operation == Operation.GET ? value(bytes, from, end, to, parsed) : Answer.WRONG;
    }

    /// Returns whether a line is the whole answer to a PUT or a DELETE.
    abstract boolean isDone(Operation operation, byte[] bytes, int from, int to);

    /// Returns whether a line says that the server did not carry out a request.
    abstract boolean isRefusal(byte[] bytes, int from, int to);

    /// Reads the answer to a GET.
    ///
    /// @param end the end of its first line
    /// @param parsed has the place after the first line
    abstract Answer value(byte[] bytes, int from, int end, int to, Parsed parsed);

    /// Returns the place of the CRLF that ends a line, -1 if it has not arrived. A lone LF or CR is
    /// part of the line.
    private static int lineEnd(byte[] bytes, int from, int to) {
        for (int i = from; i < to - 1; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
                return i;
            }
        }
        return -1;
    }

    static boolean is(byte[] expected, byte[] bytes, int from, int to) {
        return Arrays.equals(bytes, from, to, expected, 0, expected.length);
    }
}
