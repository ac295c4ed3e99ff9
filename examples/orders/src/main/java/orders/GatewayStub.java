package orders;

import static io.genserver.CallResult.reply;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CallServer;
import io.genserver.From;
import io.genserver.Init;
import io.genserver.Processes;
import io.genserver.supervisor.ChildSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// Stands for the payment gateway: an HTTP server that is slow, and fails every second time.
final class GatewayStub implements CallServer<URI, GatewayStub.Address> {

    record Address() implements Call<URI> {}

    private final Duration delay;
    private final AtomicInteger requests = new AtomicInteger();
    private final Map<String, String> receipts = new ConcurrentHashMap<>();

    private GatewayStub(Duration delay) {
        this.delay = delay;
    }

    static ChildSpec<GatewayStub> childSpec(Duration delay) {
        return ChildSpec.worker(
                GatewayStub.class, () -> CallServer.startLink(() -> new GatewayStub(delay)));
    }

    @Override
    public Init<URI> init() throws IOException {
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        HttpServer server = HttpServer.create(anyPort, 0);
        Processes.onExit(() -> server.stop(0));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/charges/", this::charge);
        server.start();
        return Init.ok(URI.create("http://localhost:" + server.getAddress().getPort()));
    }

    private void charge(HttpExchange exchange) throws IOException {
        try (exchange) {
            Thread.sleep(delay);
            String order = exchange.getRequestURI().getPath();
            if (requests.incrementAndGet() % 2 == 1) {
                exchange.sendResponseHeaders(503, -1);
                return;
            }
            String receipt = receipts.computeIfAbsent(order, _ -> "R" + (receipts.size() + 1));
            byte[] body = receipt.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public CallResult<URI> handleCall(Address request, From from, URI address) {
        return reply(request, address, address);
    }
}
