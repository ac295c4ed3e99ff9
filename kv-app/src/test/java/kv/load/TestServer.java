package kv.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// A small server with the protocol of kv, whose answers a test can change.
final class TestServer implements AutoCloseable {

    /// What [#close()] and a test's answer do to a connection.
    static final String CLOSE = "close";

    /// Decides what is sent. Called by the connections' threads.
    @FunctionalInterface
    interface Answers {
        /// Returns what to send, or [#CLOSE].
        ///
        /// @param request the words of the request
        /// @param right the right answer
        String change(List<String> request, String right) throws InterruptedException;
    }

    private final Map<List<String>, String> values = new ConcurrentHashMap<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final ServerSocket listener;
    private final Answers answers;

    TestServer(Answers answers) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.answers = answers;
        Thread.ofVirtual().start(this::accept);
    }

    String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // by close()
        }
    }

    private void serve(Socket socket) {
        try (socket;
                BufferedReader from =
                        new BufferedReader(
                                new InputStreamReader(
                                        socket.getInputStream(), StandardCharsets.US_ASCII));
                OutputStream to = socket.getOutputStream()) {
            for (String line = from.readLine(); line != null; line = from.readLine()) {
                List<String> request = List.of(line.split(" "));
                String answer = answers.change(request, right(request));
                if (answer.equals(CLOSE)) {
                    return;
                }
                to.write(answer.getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException | InterruptedException closed) {
            // by the client or by close()
        }
    }

    private String right(List<String> request) {
        List<String> place = request.subList(1, Math.min(request.size(), 3));
        return switch (request.getFirst()) {
            case "CREATE" -> "OK\r\n";
            case "PUT" -> {
                values.put(place, request.get(3));
                yield "OK\r\n";
            }
            case "GET" -> values.getOrDefault(place, "") + "\r\nOK\r\n";
            case "DELETE" -> {
                values.remove(place);
                yield "OK\r\n";
            }
            default -> "UNKNOWN COMMAND\r\n";
        };
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
