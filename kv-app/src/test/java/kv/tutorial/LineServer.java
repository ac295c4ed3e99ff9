package kv.tutorial;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/// Answers lines over TCP: one task accepts, and one task serves each client.
///
/// @param listening the socket to accept clients from
/// @param answer makes the answer to a line
record LineServer(ServerSocket listening, Function<String, String> answer) {

    static final Name CONNECTIONS = new Name("KV.ConnectionSupervisor");

    List<ChildSpec<?>> children() {
        return List.of(
                TaskSupervisor.childSpec(
                        CONNECTIONS.name(),
                        DynamicSupervisorFlags.DEFAULT,
                        StartOption.name(CONNECTIONS.name())),
                ChildSpec.worker("acceptor", () -> Task.startLink(this::acceptAll)));
    }

    private void acceptAll() throws IOException {
        while (true) {
            Socket client = listening.accept();
            TaskSupervisor.startChild(CONNECTIONS, () -> serve(client));
        }
    }

    private void serve(Socket client) throws IOException {
        try (client;
                BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(
                                        client.getInputStream(), StandardCharsets.UTF_8));
                PrintWriter out =
                        new PrintWriter(client.getOutputStream(), true, StandardCharsets.UTF_8)) {
            client.setTcpNoDelay(true);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.print(answer.apply(line) + "\r\n");
                out.flush();
            }
        }
    }
}
