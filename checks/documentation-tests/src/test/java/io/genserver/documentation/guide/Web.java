package io.genserver.documentation.guide;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.genserver.*;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

final class Web implements GenServer<Integer, HttpServer, Object, Object> {

    static Start<Web> startLink(int port) {
        return GenServer.startLink(Web::new, port, StartOption.terminateOnExit());
    }

    @Override
    public Init<HttpServer> init(Integer port) throws IOException {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        HttpServer server = HttpServer.create(address, 0);
        Processes.onExit(() -> server.stop(0));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", Web::answer);
        server.start();
        System.out.println("serving " + server.getAddress().getPort());
        return Init.ok(server);
    }

    private static void answer(HttpExchange exchange) throws IOException {
        boolean allowed = Limiter.tryAcquire(exchange.getRequestURI().getPath());
        exchange.sendResponseHeaders(allowed ? 200 : 429, -1);
        exchange.close();
    }

    @Override
    public void terminate(ExitReason reason, HttpServer server) {
        server.stop(1); // waits for the requests in progress
        System.out.println("closed");
    }
}
