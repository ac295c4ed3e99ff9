package shop;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import shop.Events.OrderChanged;

/// Plays a day in the shop. Three customers order at the same time, and the process of one order is
/// killed while the payment is under way.
final class Demo {

    private static final Logger log = LoggerFactory.getLogger(Demo.class);

    private static final int SEED = 25;
    private static final BackOff RETRY = BackOff.of(Duration.ofMillis(100), Duration.ofSeconds(1));

    private Demo() {}

    public static void main(String[] arguments) {
        World.start(SEED);
        OrderRepository orders = OrderRepository.inMemory();
        Map<String, Integer> delivered = Map.of("mug", 2, "shirt", 100);
        System.exit(
                Application.run(
                        new Shop(orders, World::pay, World::mail, delivered),
                        Configuration.ofTheSystem(),
                        () -> day(orders)));
    }

    private static int day(OrderRepository orders) {
        Events.subscribe(Status.Placed.class);
        List<Task<Status>> customers =
                Stream.of(orders("ann", 4), orders("bob", 7), orders("cyd", 4))
                        .flatMap(all -> all)
                        .map(order -> Task.retry(() -> Shop.order(order), RETRY, 3))
                        .toList();

        Processes.receive(
                Match.type(OrderChanged.class, event -> event.order().id().equals("ann-1")));
        Sys.getState(Orders.server("ann-1")); // answered when the payment has begun
        log.info("the process of ann-1 is killed");
        Processes.exit(Orders.server("ann-1").pid(), ExitReason.KILL);

        List<Status> outcomes = Task.awaitMany(customers, Duration.ofMinutes(1));
        log.info("closing report: {} of {} orders", Report.of(orders), outcomes.size());
        return 0;
    }

    private static Stream<Order> orders(String customer, int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i ->
                        Order.of(customer + "-" + i, customer, i % 2 == 0 ? "mug" : "shirt", 1));
    }
}
