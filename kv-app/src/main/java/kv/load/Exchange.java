package kv.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A request that is sent before the load, and its only right answer.
///
/// @param name what to call it in a message
/// @param request the line, without its end
/// @param answer the line, without its end
record Exchange(String name, String request, String answer) {

    private static final int LONGEST = 1_000; // units: bytes

    /// Sends the request and waits for its answer, for as long as the wire waits.
    ///
    /// @throws IOException if there is no answer or another one
    void on(Wire wire) throws IOException {
        ByteBuffer line = ByteBuffer.wrap((request + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        while (line.hasRemaining() || wire.holdsUnsent()) {
            wire.write(line);
        }
        String got = readLine(wire);
        if (!got.equals(answer + "\r\n")) {
            throw new IOException(
                    "expected %s to %s, got: %s".formatted(answer, name, got.strip()));
        }
    }

    private static String readLine(Wire from) throws IOException {
        ByteBuffer line = ByteBuffer.allocate(LONGEST);
        do {
            line.limit(line.position() + 1); // no byte of the answers after this one
            if (from.read(line) < 0) {
                throw new EOFException("the server closed the connection");
            }
        } while (line.get(line.position() - 1) != '\n' && line.position() < LONGEST);
        return new String(line.array(), 0, line.position(), StandardCharsets.ISO_8859_1);
    }
}
