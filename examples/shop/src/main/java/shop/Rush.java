package shop;

import io.genserver.*;
import io.genserver.observer.Observer;
import io.genserver.observer.ObserverOptions;
import io.genserver.supervisor.*;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import shop.PaymentGateway.Payment;
import shop.PaymentGateway.Unavailable;

/// Plays a rush in the shop, until Ctrl-C: many customers, and a payment gateway that fails most of
/// the time and is slow otherwise. The observer shows it.
final class Rush {

    private static final int CUSTOMERS = 200;
    private static final int ALIASES = 20;
    private static final SplittableRandom RANDOM = new SplittableRandom(25);

    private Rush() {}

    public static void main(String[] arguments) {
        OrderRepository orders = OrderRepository.inMemory();
        Map<String, Integer> delivered = Map.of("mug", 5_000, "shirt", 5_000);
        Shop shop = new Shop(orders, Rush::pay, (_, _) -> {}, delivered);
        Observer.start(ObserverOptions.defaults().withState());
        System.exit(Application.run(shop, Configuration.ofTheSystem(), Rush::customers));
    }

    private static synchronized int random(int bound) {
        return RANDOM.nextInt(bound);
    }

    private static Payment pay(Order order) throws Unavailable {
        int luck = random(10);
        Processes.sleep(Duration.ofMillis(50 + 100L * luck));
        if (luck < 6) {
            throw new Unavailable("503 Service Unavailable");
        }
        return new Payment.Accepted("receipt-" + order.id());
    }

    /// Lets each customer order again and again. Sometimes the inventory is killed.
    private static int customers() {
        for (int i = 0; i < CUSTOMERS; i++) {
            String customer = "customer-" + i;
            Processes.spawn(() -> order(customer));
        }
        while (true) {
            Processes.sleep(Duration.ofSeconds(1));
            Processes.whereis("Shop.Inventory").ifPresent(Rush::sometimesKill);
        }
    }

    private static void sometimesKill(Pid pid) {
        if (random(10) == 0) {
            Processes.exit(pid, ExitReason.KILL);
        }
    }

    private static void order(String customer) {
        for (int i = 0; true; i++) {
            String name = customer + "-" + i % ALIASES; // who orders too often is refused
            Order order = Order.of(customer + "-" + i, name, i % 2 == 0 ? "mug" : "shirt", 1);
            try {
                Shop.order(order);
            } catch (RuntimeException _) { // the customer orders again, whatever has failed
            }
            Processes.sleep(Duration.ofMillis(random(2_000)));
        }
    }
}
