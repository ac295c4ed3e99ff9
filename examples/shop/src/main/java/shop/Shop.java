package shop;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The shop as an application: its settings, its supervision tree and its client API. What it needs
/// from outside comes in as parameters.
record Shop(
        OrderRepository orders,
        PaymentGateway gateway,
        Mailer.Post post,
        Map<String, Integer> delivered)
        implements Application {

    static final Setting<Duration> PAYMENT_TIMEOUT = setting("shop.payment.timeout", 5);
    static final Setting<Duration> RESERVATION_EXPIRY = setting("shop.reservation.expiry", 60);
    static final Setting<Duration> REPORT_PERIOD = setting("shop.report.period", 1);

    private static Setting<Duration> setting(String name, int seconds) {
        return Setting.of(name, Duration::parse, Duration.ofSeconds(seconds));
    }

    /// Places an order and waits until it is shipped or cancelled. An order of a customer who
    /// orders too often is refused, which leaves no trace.
    static Status order(Order order) {
        return GenServer.call(Limiter.CUSTOMERS.server(order.customer()), new Limiter.TryAcquire())
                ? Orders.place(order)
                : new Status.Cancelled("too many orders");
    }

    @Override
    public String name() {
        return "shop";
    }

    @Override
    public Start<Supervisor> start(Configuration configuration) {
        Report report = new Report(orders, configuration.get(REPORT_PERIOD));
        Inventory inventory =
                new Inventory(delivered, orders, configuration.get(RESERVATION_EXPIRY));
        OrderProcess.Services services =
                new OrderProcess.Services(orders, gateway, configuration.get(PAYMENT_TIMEOUT));
        return Supervisor.startLink(
                List.of(
                        Events.TOPICS.childSpec(),
                        ChildSpec.supervisor("subscribers", () -> subscribers(report)),
                        ChildSpec.supervisor("sales", () -> Orders.startLink(inventory, services)),
                        Limiter.CUSTOMERS.childSpec()),
                SupervisorFlags.of(Strategy.REST_FOR_ONE));
    }

    private Start<Supervisor> subscribers(Report report) {
        return Supervisor.startLink(
                List.of(AuditLog.childSpec(), Mailer.childSpec(post), report.childSpec()),
                SupervisorFlags.of(Strategy.ONE_FOR_ONE));
    }
}
