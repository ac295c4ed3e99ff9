package kv.load;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/// The language of a server: how a request is written, and where an answer ends and what it says.
sealed interface Dialect permits KvDialect, RedisDialect {

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
    final class Parsed {
        /// The place after the answer.
        int end;

        /// Where the value of a [Answer#VALUE] begins.
        int valueFrom;

        /// Where the value of a [Answer#VALUE] ends.
        int valueTo;
    }

    /// Returns what begins each connection.
    List<Exchange> greeting(Optional<String> token);

    /// Returns what prepares the server, on one connection.
    List<Exchange> preparation();

    /// Appends a request.
    ///
    /// @param number the number of the write if it is a PUT
    void write(ByteBuffer to, Operation operation, int key, long number);

    /// Returns the size of the longest request or answer. Units: bytes.
    int longest();

    /// Reads an answer. Both dialects end each line with CRLF.
    ///
    /// @param parsed set unless the answer is incomplete or wrong
    Answer read(byte[] bytes, int from, int to, Operation operation, Parsed parsed);

    /// Returns the values of the load.
    Values values();

    /// Returns the place of the CRLF that ends a line, -1 if it has not arrived. A lone LF or CR is
    /// part of the line.
    static int lineEnd(byte[] bytes, int from, int to) {
        for (int i = from; i < to - 1; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
                return i;
            }
        }
        return -1;
    }
}
