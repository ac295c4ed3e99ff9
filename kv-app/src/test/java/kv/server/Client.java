package kv.server;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A client of the server under test. A wait for a reply has a limit.
final class Client implements Closeable {

    static final String CLOSED = "(closed)";

    private static final int LIMIT = 10_000; // units: ms

    final Socket socket;
    private final BufferedReader replies;

    Client(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    Client(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(LIMIT);
        replies =
                new BufferedReader(
                        new InputStreamReader(
                                socket.getInputStream(), StandardCharsets.ISO_8859_1));
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(Words.bytes(text));
    }

    /// Returns the next line, or [#CLOSED].
    String line() throws IOException {
        String line = replies.readLine();
        return line == null ? CLOSED : line;
    }

    List<String> lines(int count) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add(line());
        }
        return lines;
    }

    /// Sends a request and returns the first line of the reply.
    String ask(String request) throws IOException {
        send(request + "\r\n");
        return line();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
