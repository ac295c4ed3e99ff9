package shop;

import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Configuration;
import io.genserver.test.TestSupervisor;
import java.util.Map;
import shop.PaymentGateway.Payment;

/// Starts the shop for a test.
final class Shops {

    static final PaymentGateway ACCEPTS = order -> new Payment.Accepted("receipt of " + order.id());
    static final Map<String, Integer> DELIVERED = Map.of("mug", 3);

    private Shops() {}

    static void start(TestSupervisor test, OrderRepository orders, PaymentGateway gateway) {
        start(test, new Shop(orders, gateway, (_, _) -> {}, DELIVERED), Map.of());
    }

    static void start(TestSupervisor test, Shop shop, Map<String, String> properties) {
        Configuration configuration = Configuration.of(properties, Map.of());
        test.startSupervised(ChildSpec.supervisor("shop", () -> shop.start(configuration)));
    }

    static Order mug(String id) {
        return Order.of(id, "ann", "mug", 1);
    }
}
