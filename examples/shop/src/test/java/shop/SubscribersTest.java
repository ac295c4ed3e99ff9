package shop;

import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.*;
import io.genserver.test.*;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import shop.Events.OrderChanged;

@ExtendWith(GenServerExtension.class)
class SubscribersTest {

    private record Mail(String customer, String text) {}

    private record Asked() {}

    private final Order shipped = Shops.mug("a").with(new Status.Shipped());
    private TestSupervisor test;

    @BeforeEach
    void startEvents(TestSupervisor supervisor) {
        test = supervisor;
        test.startSupervised(Events.TOPICS.childSpec());
    }

    @Test
    void a_subscriber_gets_the_changes_it_asked_for() {
        Events.subscribe(Status.Shipped.class);

        Events.publish(Shops.mug("a"));
        Events.publish(shipped);

        assertThat(assertReceive(OrderChanged.class).order()).isEqualTo(shipped);
        refuteReceive(OrderChanged.class);
    }

    @Test
    void customers_get_mail_about_the_outcome() {
        Pid self = Processes.self();
        test.startSupervised(
                Mailer.childSpec((to, text) -> Processes.send(self, new Mail(to, text))));

        Events.publish(Shops.mug("a"));
        Events.publish(shipped);

        assertReceive(new Mail("ann", "your order a is shipped"));
        refuteReceive(Mail.class);
    }

    @Test
    void a_mailer_that_is_stopped_sends_the_queued_mail_first() {
        Pid self = Processes.self();
        CountDownLatch mailServer = new CountDownLatch(1);
        Server<Mailer> mailer =
                test.startSupervised(
                        Mailer.childSpec((to, text) -> {
                            Processes.send(self, new Asked());
                            awaitUninterrupted(mailServer);
                            Processes.send(self, new Mail(to, text));
                        }));
        Events.publish(shipped);
        Events.publish(shipped);
        assertReceive(Asked.class);

        Thread.startVirtualThread(() -> {
            // The second mail and the order to stop.
            await().until(() -> Processes.mailboxLength(mailer.pid()).orElseThrow() == 2);
            mailServer.countDown();
        });
        test.stopSupervised(Mailer.class);

        assertThat(List.of(assertReceive(Mail.class), assertReceive(Mail.class))).hasSize(2);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError("the mailer was interrupted", e);
        }
    }

    @Test
    void the_audit_log_remembers_all_changes_in_order() {
        test.startSupervised(AuditLog.childSpec());

        Events.publish(Shops.mug("a"));
        Events.publish(shipped);

        assertThat(GenServer.call(AuditLog.SERVER, new AuditLog.History()))
                .containsExactly(Shops.mug("a"), shipped);
    }

    @Test
    void the_report_counts_the_orders_by_state() {
        OrderRepository orders = OrderRepository.inMemory();
        orders.save(Shops.mug("a"));
        orders.save(Shops.mug("b").with(new Status.Cancelled("x")));
        orders.save(Shops.mug("c").with(new Status.Cancelled("y")));

        assertThat(Report.of(orders)).isEqualTo(Map.of("Placed", 1L, "Cancelled", 2L));
    }

    @Test
    void the_report_is_made_again_and_again() {
        Pid self = Processes.self();
        OrderRepository asked =
                new OrderRepository() {
                    @Override
                    public Optional<Order> find(String id) {
                        return Optional.empty();
                    }

                    @Override
                    public List<Order> all() {
                        Processes.send(self, new Asked());
                        return List.of();
                    }

                    @Override
                    public void save(Order order) {}
                };
        test.startSupervised(new Report(asked, Duration.ofMillis(1)).childSpec());

        assertReceive(Asked.class);
        assertReceive(Asked.class);
    }
}
