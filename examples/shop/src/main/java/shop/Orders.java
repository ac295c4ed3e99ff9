package shop;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.time.Duration;
import java.util.List;

/// The client API of the orders, and the part of the tree in which they live.
final class Orders {

    static final ProcessRegistry<String, Ok> IDS = ProcessRegistry.unique("Shop.OrderIds");
    static final Server<DynamicSupervisor> SUPERVISOR =
            Server.named("Shop.Orders", DynamicSupervisor.class);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private Orders() {}

    /// Places an order and waits until it is shipped or cancelled. Placing it again waits for the
    /// same order, so a caller whose call has failed can simply try again.
    static Status place(Order order) {
        return GenServer.call(process(order), new OrderProcess.Outcome(), LONGEST_WAIT);
    }

    /// Returns a reference to the process of an order. It stays valid when the process is
    /// restarted.
    static Server<OrderProcess> server(String id) {
        return IDS.server(id, OrderProcess.class);
    }

    /// Starts the inventory and the orders, the ones that others need first. If one of these
    /// children crashes, those after it start again as well. The orders then resume from the
    /// repository.
    static Start<Supervisor> startLink(Inventory inventory, OrderProcess.Services services) {
        return Supervisor.startLink(
                List.of(
                        ChildSpec.worker("inventory", inventory::startLink),
                        TaskSupervisor.childSpec(
                                "payments",
                                DynamicSupervisorFlags.DEFAULT,
                                StartOption.name(OrderProcess.PAYMENTS)),
                        IDS.childSpec(),
                        DynamicSupervisor.childSpec(
                                "orders",
                                DynamicSupervisorFlags.DEFAULT.withExtraArgument(services),
                                StartOption.name(SUPERVISOR)),
                        ChildSpec.worker("resume", () -> resume(services.orders()))),
                SupervisorFlags.of(Strategy.REST_FOR_ONE));
    }

    /// Starts the orders that have not ended. This is a child that needs no process of its own.
    private static Start<Ok> resume(OrderRepository orders) {
        orders.all().stream().filter(order -> !order.status().isFinal()).forEach(Orders::process);
        return new Start.Ignore<>();
    }

    /// Returns the process of an order, and starts it if there is none.
    private static Server<OrderProcess> process(Order order) {
        return DynamicSupervisor.startChild(
                        SUPERVISOR,
                        (OrderProcess.Services services) ->
                                new OrderProcess(order, services).childSpec())
                .serverOrExisting();
    }
}
