package shop;

import static io.genserver.CastResult.noreply;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Logs how many orders there are in each state, again and again.
record Report(OrderRepository orders, Duration period) implements CallServer<Ok, Void> {

    private static final Logger log = LoggerFactory.getLogger(Report.class);

    private record Tick() {}

    ChildSpec<Report> childSpec() {
        return ChildSpec.worker(Report.class, () -> CallServer.startLink(() -> this));
    }

    static Map<String, Long> of(OrderRepository orders) {
        return orders.all().stream()
                .map(order -> order.status().getClass().getSimpleName())
                .collect(Collectors.groupingBy(s -> s, TreeMap::new, Collectors.counting()));
    }

    @Override
    public Init<Ok> init() {
        Processes.sendEvery(Processes.self(), new Tick(), period, Pace.FIXED_RATE);
        return Init.ok(Ok.OK);
    }

    @Override
    public CastResult<Ok> handleInfo(Object message, Ok ok) throws Exception {
        if (!(message instanceof Tick)) {
            return CallServer.super.handleInfo(message, ok);
        }
        log.info("report: {}", of(orders));
        return noreply(ok);
    }
}
