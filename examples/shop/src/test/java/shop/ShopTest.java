package shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.*;
import io.genserver.supervisor.*;
import io.genserver.test.*;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
class ShopTest {

    private final OrderRepository orders = OrderRepository.inMemory();
    private TestSupervisor test;

    @BeforeEach
    void set(TestSupervisor supervisor) {
        test = supervisor;
    }

    @Test
    void a_customer_who_orders_too_often_is_refused() {
        Shops.start(test, orders, Shops.ACCEPTS);
        for (int i = 1; i <= 5; i++) {
            Shop.order(Order.of("ann-" + i, "ann", "nothing", 0));
        }

        assertThat(Shop.order(Order.of("ann-6", "ann", "nothing", 0)))
                .isEqualTo(new Status.Cancelled("too many orders"));
        assertThat(orders.find("ann-6")).isEmpty();
        assertThat(Shop.order(Order.of("bob-1", "bob", "nothing", 0)))
                .isEqualTo(new Status.Shipped());
    }

    @Test
    void a_slow_mail_server_does_not_hold_up_orders() {
        CountDownLatch never = new CountDownLatch(1);
        Mailer.Post stuck =
                (_, _) -> {
                    try {
                        never.await();
                    } catch (InterruptedException killed) {
                        Thread.currentThread().interrupt();
                    }
                };
        Shops.start(test, new Shop(orders, Shops.ACCEPTS, stuck, Shops.DELIVERED), Map.of());

        assertThat(Shop.order(Shops.mug("a"))).isEqualTo(new Status.Shipped());
        assertThat(Shop.order(Shops.mug("b"))).isEqualTo(new Status.Shipped());
        never.countDown();
    }

    @Test
    @AllowCrashes
    void a_mail_server_that_fails_does_not_take_the_shop_down() {
        Mailer.Post broken =
                (_, _) -> {
                    throw new IllegalStateException("550");
                };
        Shops.start(test, new Shop(orders, Shops.ACCEPTS, broken, Shops.DELIVERED), Map.of());
        Server<AuditLog> audit = Server.of(AuditLog.SERVER.pid());

        for (int i = 1; i <= 20; i++) {
            assertThat(Orders.place(Order.of("ann-" + i, "ann", "nothing", 0)))
                    .isEqualTo(new Status.Shipped());
        }

        assertThat(GenServer.call(audit, new AuditLog.History())).hasSize(60);
    }

    @Test
    @AllowCrashes
    void a_killed_registry_of_events_restarts_the_shop_with_its_orders() {
        Shops.start(test, orders, Shops.ACCEPTS);
        Orders.place(Shops.mug("a"));
        Pid before = Inventory.SERVER.pid();

        Processes.exit(Processes.whereis("Shop.Events").orElseThrow(), ExitReason.KILL);

        await().pollInSameThread()
                .until(() ->
                        GenServer.whereis(Inventory.SERVER)
                                .filter(now -> !now.equals(before))
                                .isPresent());
        assertThat(Inventory.available("mug")).isEqualTo(2);
    }
}
