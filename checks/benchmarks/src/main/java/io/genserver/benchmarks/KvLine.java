package io.genserver.benchmarks;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A connection to kv that reads and writes lines.
final class KvLine implements AutoCloseable {

    private static final int TIMEOUT = 30_000; // units: ms

    private final Socket socket = new Socket();
    private final InputStream input;

    KvLine(InetSocketAddress server) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT);
        socket.connect(server, TIMEOUT);
        input = new BufferedInputStream(socket.getInputStream(), 512);
    }

    /// Sends text as it is.
    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// Returns the next line, which must end with CRLF, without its end. Waits 30 seconds at most.
    String read() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next;
        do {
            next = input.read();
            if (next < 0) {
                throw new EOFException("expected a line, got the end after: " + line);
            }
            line.write(next);
        } while (next != '\n');
        String text = line.toString(StandardCharsets.ISO_8859_1);
        Work.check(text.endsWith("\r\n"), "a line that ends with CRLF", text);
        return text.substring(0, text.length() - 2);
    }

    /// Returns whether a line begins to arrive within the time.
    boolean arrives(int milliseconds) throws IOException {
        socket.setSoTimeout(milliseconds);
        try {
            input.mark(1);
            int next = input.read();
            input.reset();
            return next >= 0;
        } catch (java.net.SocketTimeoutException nothing) {
            return false;
        } finally {
            socket.setSoTimeout(TIMEOUT);
        }
    }

    /// Sends a request and checks the lines of its reply.
    void expect(String request, String... lines) throws IOException {
        send(request + "\r\n");
        for (String line : lines) {
            String got = read();
            Work.check(got.equals(line), line + " to " + request, got);
        }
    }

    /// Closes the connection without a word, as a client does that is killed by its machine.
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
