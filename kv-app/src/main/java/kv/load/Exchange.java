package kv.load;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/// A request that is sent before the load, and its only right answer.
///
/// @param name what to call it in a message
/// @param request the line, without its end
/// @param answer the line, without its end
record Exchange(String name, String request, String answer) {

    /// Sends the request and waits for its answer, for as long as the channel's socket waits.
    ///
    /// @throws IOException if there is no answer or another one
    void on(SocketChannel channel) throws IOException {
        ByteBuffer line = ByteBuffer.wrap((request + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        while (line.hasRemaining()) {
            channel.write(line);
        }
        String got = readLine(channel.socket().getInputStream());
        if (!got.equals(answer + "\r\n")) {
            throw new IOException(
                    "expected %s to %s, got: %s".formatted(answer, name, got.strip()));
        }
    }

    private static String readLine(InputStream from) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next;
        do {
            next = from.read();
            if (next < 0) {
                throw new EOFException("the server closed the connection");
            }
            line.write(next);
        } while (next != '\n' && line.size() < 1_000);
        return line.toString(StandardCharsets.ISO_8859_1);
    }
}
