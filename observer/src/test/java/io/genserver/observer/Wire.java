package io.genserver.observer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A client that can send everything that a hostile one can.
final class Wire {

    private static final int LIMIT = 20_000; // units: ms

    private final int port;
    private final List<String> headers = new ArrayList<>();
    private String host;

    Wire(int port) {
        this.port = port;
        this.host = "127.0.0.1:" + port;
    }

    /// Opens the address that the observer has logged.
    static Wire enter(Observer observer) throws IOException {
        Wire wire = new Wire(observer.port());
        String url = observer.url();
        String cookie = wire.get(url.substring(url.indexOf("/?"))).header("Set-Cookie");
        return wire.with("Cookie: " + cookie.substring(0, cookie.indexOf(';')));
    }

    record Answer(int status, List<String> headers, String body) {

        String header(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ": ";
            return headers.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                    .map(line -> line.substring(start.length()))
                    .findFirst()
                    .orElse("");
        }

        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }

        JsonNode screen() {
            return json().get("screen");
        }
    }

    Wire with(String... more) {
        Wire other = new Wire(port);
        other.host = host;
        other.headers.addAll(headers);
        other.headers.addAll(List.of(more));
        return other;
    }

    Wire withHost(String other) {
        Wire wire = with();
        wire.host = other;
        return wire;
    }

    Answer get(String path) throws IOException {
        return send("GET", path);
    }

    Answer post(String path) throws IOException {
        return with("Content-Length: 0").send("POST", path);
    }

    Answer send(String method, String path) throws IOException {
        try (Socket socket = with("Connection: close").open(method, path)) {
            List<String> lines = reader(socket).lines().toList();
            int end = lines.indexOf("");
            return new Answer(
                    Integer.parseInt(lines.getFirst().split(" ", -1)[1]),
                    lines.subList(1, end),
                    String.join("\n", lines.subList(end + 1, lines.size())));
        }
    }

    /// Sends a request and leaves the connection open.
    Socket open(String method, String path) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(LIMIT);
        String request =
                Stream.concat(
                                Stream.of(method + " " + path + " HTTP/1.1", "Host: " + host),
                                headers.stream())
                        .map(line -> line + "\r\n")
                        .collect(Collectors.joining());
        socket.getOutputStream().write((request + "\r\n").getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }
}
