package shop;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Logs every change of an order, and remembers it.
final class AuditLog implements CallServer<List<Order>, AuditLog.History> {

    private static final Logger log = LoggerFactory.getLogger(AuditLog.class);

    static final Server<AuditLog> SERVER = Server.named("Shop.AuditLog", AuditLog.class);

    record History() implements Call<List<Order>> {}

    static ChildSpec<AuditLog> childSpec() {
        return ChildSpec.worker(
                AuditLog.class,
                () -> CallServer.startLink(AuditLog::new, StartOption.name(SERVER)));
    }

    @Override
    public Init<List<Order>> init() {
        Events.subscribe(
                Status.Placed.class,
                Status.Paid.class,
                Status.Shipped.class,
                Status.Cancelled.class);
        return Init.ok(new ArrayList<>());
    }

    @Override
    public CallResult<List<Order>> handleCall(History request, From from, List<Order> changes) {
        return reply(request, List.copyOf(changes), changes);
    }

    @Override
    public CastResult<List<Order>> handleInfo(Object message, List<Order> changes)
            throws Exception {
        if (!(message instanceof Events.OrderChanged(Order order))) {
            return CallServer.super.handleInfo(message, changes);
        }
        log.info("{} {}", order.id(), order.status().text());
        changes.add(order);
        return noreply(changes);
    }
}
