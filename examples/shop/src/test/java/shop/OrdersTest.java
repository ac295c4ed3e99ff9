package shop;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.genserver.*;
import io.genserver.supervisor.*;
import io.genserver.test.*;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import shop.PaymentGateway.Payment;
import shop.PaymentGateway.Unavailable;

@ExtendWith(GenServerExtension.class)
@SharedNode // the clients are threads that are no processes
class OrdersTest {

    private final OrderRepository orders = OrderRepository.inMemory();
    private final AtomicInteger payments = new AtomicInteger();
    private final PaymentGateway counting =
            order -> {
                payments.incrementAndGet();
                return Shops.ACCEPTS.pay(order);
            };

    /// A gateway that answers when the test gives it an answer.
    private final BlockingQueue<Payment> answers = new LinkedBlockingQueue<>();

    private final PaymentGateway waiting =
            _ -> {
                try {
                    payments.incrementAndGet();
                    return answers.take();
                } catch (InterruptedException e) {
                    throw new Unavailable("interrupted");
                }
            };

    private TestSupervisor test;

    @BeforeEach
    void set(TestSupervisor supervisor) {
        test = supervisor;
    }

    private void awaitPayment() {
        await().until(() -> payments.get() > 0);
    }

    private void killProcessOf(Order order) {
        Pid process = Orders.server(order.id()).pid();
        Processes.monitor(process);
        Processes.exit(process, ExitReason.KILL);
        assertReceive(Down.class, down -> down.object().equals(process));
    }

    private Status statusOf(Order order) {
        return orders.find(order.id()).orElseThrow().status();
    }

    @Test
    void a_paid_order_is_shipped() {
        Shops.start(test, orders, counting);
        Order order = Shops.mug("a");

        assertThat(Orders.place(order)).isEqualTo(new Status.Shipped());

        assertThat(statusOf(order)).isEqualTo(new Status.Shipped());
        assertThat(GenServer.call(AuditLog.SERVER, new AuditLog.History()))
                .extracting(Order::status)
                .containsExactly(
                        new Status.Placed(), new Status.Paid("receipt of a"), new Status.Shipped());
    }

    @Test
    void the_end_of_the_task_that_has_paid_changes_nothing() {
        Shops.start(test, orders, counting);
        Order order = Shops.mug("a");
        Orders.place(order);

        await().until(() -> TaskSupervisor.children(OrderProcess.PAYMENTS).isEmpty());

        assertThat(Orders.place(order)).isEqualTo(new Status.Shipped());
    }

    @Test
    void a_declined_card_cancels_the_order_and_is_not_tried_again() {
        Shops.start(
                test,
                orders,
                _ -> {
                    payments.incrementAndGet();
                    return new Payment.Declined("stolen");
                });

        assertThat(Orders.place(Shops.mug("a")))
                .isEqualTo(new Status.Cancelled("card declined: stolen"));
        assertThat(payments).hasValue(1);
    }

    @Test
    void an_order_that_is_out_of_stock_is_not_paid() {
        Shops.start(test, orders, counting);

        assertThat(Orders.place(Order.of("a", "ann", "mug", 4)))
                .isEqualTo(new Status.Cancelled("out of stock"));
        assertThat(payments).hasValue(0);
    }

    @Test
    void a_gateway_that_is_down_for_a_moment_is_tried_again() {
        Shops.start(
                test,
                orders,
                order -> {
                    if (payments.incrementAndGet() < 3) {
                        throw new Unavailable("503");
                    }
                    return Shops.ACCEPTS.pay(order);
                });

        assertThat(Orders.place(Shops.mug("a"))).isEqualTo(new Status.Shipped());
        assertThat(payments).hasValue(3);
    }

    @Test
    void a_payment_that_takes_too_long_cancels_the_order() {
        Shop shop = new Shop(orders, waiting, (_, _) -> {}, Shops.DELIVERED);
        Shops.start(test, shop, Map.of("shop.payment.timeout", "PT0.01S"));

        assertThat(Orders.place(Shops.mug("a")))
                .isEqualTo(new Status.Cancelled("payment failed: timeout"));
        assertThat(answers).isEmpty();
    }

    @Test
    void a_cancelled_order_has_given_its_goods_back() {
        Shops.start(test, orders, _ -> new Payment.Declined("stolen"));

        Orders.place(Shops.mug("a"));

        assertThat(Inventory.available("mug")).isEqualTo(3);
    }

    @Test
    void all_callers_of_an_order_get_its_outcome_and_it_is_paid_once() throws Exception {
        Shops.start(test, orders, waiting);
        CompletableFuture<Status> first =
                CompletableFuture.supplyAsync(() -> Orders.place(Shops.mug("a")));
        awaitPayment();
        CompletableFuture<Status> second =
                GenServer.callAsync(
                        Orders.server("a"), new OrderProcess.Outcome(), GenServer.DEFAULT_TIMEOUT);

        answers.add(new Payment.Accepted("receipt"));

        assertThat(first.get()).isEqualTo(new Status.Shipped());
        assertThat(second.get()).isEqualTo(new Status.Shipped());
        assertThat(Orders.place(Shops.mug("a"))).isEqualTo(new Status.Shipped());
        assertThat(payments).hasValue(1);
    }

    @Test
    void a_finished_order_can_be_asked_for_after_its_process_has_ended() {
        Shops.start(test, orders, counting);
        Order order = Shops.mug("a");
        Orders.place(order);
        Processes.monitor(Orders.server(order.id()).pid());
        Processes.send(Orders.server(order.id()), StateTimeout.TIMEOUT);
        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.NORMAL);

        assertThat(Orders.place(order)).isEqualTo(new Status.Shipped());
        assertThat(payments).hasValue(1);
    }

    @Test
    void an_order_whose_process_is_killed_goes_on() {
        Shops.start(test, orders, waiting);
        Order order = Shops.mug("a");
        CompletableFuture<Status> caller = CompletableFuture.supplyAsync(() -> Orders.place(order));
        awaitPayment();

        killProcessOf(order);

        assertThat(catchThrowableOfType(Exception.class, caller::get))
                .hasCauseInstanceOf(CallException.class);
        answers.add(new Payment.Accepted("of the first attempt, if it still waits"));
        answers.add(new Payment.Accepted("of the second attempt"));
        assertThat(Orders.place(order)).isEqualTo(new Status.Shipped());
    }

    @Test
    void an_order_that_was_paid_is_not_paid_again_after_a_restart() {
        Order order = Shops.mug("a");
        orders.save(order.with(new Status.Paid("receipt")));

        Shops.start(test, orders, counting);

        assertThat(Orders.place(order)).isEqualTo(new Status.Shipped());
        assertThat(payments).hasValue(0);
    }

    @Test
    void a_shop_that_starts_again_resumes_its_open_orders() {
        Order order = Shops.mug("a");
        orders.save(order);

        Shops.start(test, orders, counting);

        await().until(() -> statusOf(order).isFinal());
        assertThat(statusOf(order)).isEqualTo(new Status.Shipped());
    }

    @Test
    void orders_resume_if_the_inventory_crashes() {
        Shops.start(test, orders, waiting);
        Order order = Shops.mug("a");
        CompletableFuture<Status> caller = CompletableFuture.supplyAsync(() -> Orders.place(order));
        awaitPayment();

        Processes.exit(Inventory.SERVER.pid(), ExitReason.KILL);

        assertThat(catchThrowableOfType(Exception.class, caller::get)).isNotNull();
        answers.add(new Payment.Accepted("of the first attempt, if it still waits"));
        answers.add(new Payment.Accepted("of the second attempt"));
        await().until(() -> statusOf(order).isFinal());
        assertThat(statusOf(order)).isEqualTo(new Status.Shipped());
        assertThat(Inventory.available("mug")).isEqualTo(2);
    }
}
