package shop;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.*;
import io.genserver.test.*;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
class InventoryTest {

    private final OrderRepository orders = OrderRepository.inMemory();
    private TestSupervisor test;

    @BeforeEach
    void set(TestSupervisor supervisor) {
        test = supervisor;
    }

    private void start(Duration expiry) {
        test.startSupervised(new Inventory(Map.of("mug", 3), orders, expiry)::startLink);
    }

    private void start() {
        start(Duration.ofMinutes(1));
    }

    private static Order mugs(int quantity) {
        return Order.of("order", "ann", "mug", quantity);
    }

    /// Reserves for a process that lives until it is told to end.
    private static Pid reserveInAnotherProcess(Order order) {
        Pid test = Processes.self();
        Pid holder =
                Processes.spawn(() -> {
                    Processes.send(test, Inventory.reserve(order));
                    Processes.receive();
                });
        assertReceive(true);
        return holder;
    }

    @Test
    void reserved_goods_are_not_available() {
        start();

        assertThat(Inventory.reserve(mugs(2))).isTrue();

        assertThat(Inventory.available("mug")).isEqualTo(1);
    }

    @Test
    void more_than_there_is_cannot_be_reserved() {
        start();

        assertThat(Inventory.reserve(mugs(4))).isFalse();

        assertThat(Inventory.available("mug")).isEqualTo(3);
    }

    @Test
    void a_process_that_ends_releases_its_reservation() {
        start();
        Pid holder = reserveInAnotherProcess(mugs(2));

        Processes.exit(holder, ExitReason.KILL);

        await().pollInSameThread().until(() -> Inventory.available("mug") == 3);
    }

    @Test
    void a_reservation_can_be_released() {
        start();
        Inventory.reserve(mugs(2));

        Inventory.release(mugs(2));
        Inventory.release(mugs(2));

        assertThat(Inventory.available("mug")).isEqualTo(3);
    }

    @Test
    void a_reservation_expires() {
        start(Duration.ofMillis(1));

        Inventory.reserve(mugs(2));

        await().pollInSameThread().until(() -> Inventory.available("mug") == 3);
    }

    @Test
    void an_order_has_one_reservation_that_of_its_latest_process() {
        start();
        Pid before = reserveInAnotherProcess(mugs(2));

        assertThat(Inventory.reserve(mugs(2))).isTrue();
        Processes.monitor(before);
        Processes.exit(before, ExitReason.KILL);
        assertReceive(Down.class);

        assertThat(Inventory.available("mug")).isEqualTo(1);
    }

    @Test
    void goods_are_taken_once_however_often_they_are_asked_for() {
        start();
        Inventory.reserve(mugs(2));

        assertThat(Inventory.take(mugs(2))).isTrue();
        assertThat(Inventory.take(mugs(2))).isTrue();

        assertThat(Inventory.available("mug")).isEqualTo(1);
    }

    @Test
    void goods_that_others_have_taken_cannot_be_taken() {
        start();
        Inventory.take(Order.of("other", "bob", "mug", 2));

        assertThat(Inventory.take(mugs(2))).isFalse();
    }

    @Test
    void a_new_inventory_knows_what_was_shipped() {
        orders.save(mugs(2).with(new Status.Shipped()));

        start();

        assertThat(Inventory.available("mug")).isEqualTo(1);
    }
}
