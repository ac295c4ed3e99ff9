package orders;

import io.genserver.GenServer;
import io.genserver.Server;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.springframework.stereotype.Component;

/// Takes money over HTTP. A bean without state of its own, so it is no process.
@Component
class PaymentGateway {

    private final Server<GatewayStub> stub;
    private final HttpClient http = HttpClient.newHttpClient();

    PaymentGateway(Server<GatewayStub> stub) {
        this.stub = stub;
    }

    /// Charges an order. The gateway charges an order once, so a retry does no harm.
    Receipt charge(String order, long cents) throws IOException, InterruptedException {
        URI gateway = GenServer.call(stub, new GatewayStub.Address());
        HttpRequest request =
                HttpRequest.newBuilder(gateway.resolve("/charges/" + encoded(order) + "?" + cents))
                        .timeout(Duration.ofSeconds(2))
                        .build();
        var response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException("the payment gateway answered " + response.statusCode());
        }
        return new Receipt(response.body(), cents);
    }

    /// Customers choose the ids, so an id may contain anything.
    private static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8);
    }
}
