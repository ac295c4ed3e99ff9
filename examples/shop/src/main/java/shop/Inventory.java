package shop;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.*;
import io.genserver.supervisor.*;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Knows what is in stock. An order's process reserves goods and later takes them. A reservation
/// ends when it is released, when it expires, or when the process ends. This server only computes,
/// so it is non-blocking, and a call costs about as much as a lock.
///
/// @param delivered the goods that the shop began with
/// @param orders tells which of them are shipped
/// @param expiry how long a reservation holds
record Inventory(Map<String, Integer> delivered, OrderRepository orders, Duration expiry)
        implements CallServer<Inventory.State, Inventory.Request> {

    static final Server<Inventory> SERVER = Server.named("Shop.Inventory", Inventory.class);

    sealed interface Request {}

    record Reserve(Order order, Pid holder) implements Request, Call<Boolean> {}

    record Take(Order order) implements Request, Call<Boolean> {}

    record Release(Order order) implements Request, Call<Ok> {}

    record Available(String item) implements Request, Call<Integer> {}

    /// The goods on the shelf, the reservations by order, and the orders that took theirs.
    record State(
            Map<String, Integer> shelf,
            Map<String, Reservation> reservations,
            Set<String> shipped) {}

    record Reservation(Order order, Ref monitor, Ref timer) {}

    private record Expired(String order, Ref monitor) {}

    // Client API

    Start<Inventory> startLink() {
        return CallServer.startLink(
                () -> this, StartOption.name(SERVER), StartOption.nonBlocking());
    }

    /// Reserves the goods of an order for the calling process. Returns false if there are too few.
    static boolean reserve(Order order) {
        return GenServer.call(SERVER, new Reserve(order, Processes.self()));
    }

    /// Takes the goods of an order: the reserved ones, otherwise others if there are enough. Taking
    /// them twice has the effect of once.
    static boolean take(Order order) {
        return GenServer.call(SERVER, new Take(order));
    }

    /// Gives the reserved goods of an order back.
    static void release(Order order) {
        GenServer.call(SERVER, new Release(order));
    }

    static int available(String item) {
        return GenServer.call(SERVER, new Available(item));
    }

    // Server callbacks

    @Override
    public Init<State> init() {
        State state = new State(new HashMap<>(delivered), new HashMap<>(), new HashSet<>());
        orders.all().stream()
                .filter(order -> order.status() instanceof Status.Shipped)
                .forEach(order -> ship(order, state));
        return Init.ok(state);
    }

    @Override
    public CallResult<State> handleCall(Request request, From from, State state) {
        return switch (request) {
            case Reserve reserve -> reply(reserve, reserve(reserve, state), state);
            case Take take -> reply(take, take(take.order(), state), state);
            case Release release -> {
                release(release.order().id(), state);
                yield reply(release, Ok.OK, state);
            }
            case Available item -> reply(item, onShelf(item.item(), state), state);
        };
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) throws Exception {
        switch (message) {
            case TaggedDown(String order, var _, var _, var _) -> release(order, state);
            case Expired(String order, Ref monitor) -> {
                Reservation held = state.reservations().get(order);
                if (held != null && held.monitor().equals(monitor)) {
                    release(order, state);
                }
            }
            default -> {
                return CallServer.super.handleInfo(message, state);
            }
        }
        return noreply(state);
    }

    private boolean reserve(Reserve request, State state) {
        Order order = request.order();
        release(order.id(), state); // the order's process before this one may have just ended
        if (onShelf(order.item(), state) < order.quantity()) {
            return false;
        }
        state.shelf().merge(order.item(), -order.quantity(), Integer::sum);
        Ref monitor = Processes.monitor(request.holder(), MonitorOption.tag(order.id()));
        Expired expired = new Expired(order.id(), monitor);
        Ref timer = Processes.sendAfter(Processes.self(), expired, expiry);
        state.reservations().put(order.id(), new Reservation(order, monitor, timer));
        return true;
    }

    private static boolean take(Order order, State state) {
        release(order.id(), state);
        if (!state.shipped().contains(order.id())
                && onShelf(order.item(), state) < order.quantity()) {
            return false;
        }
        ship(order, state);
        return true;
    }

    private static void ship(Order order, State state) {
        if (state.shipped().add(order.id())) {
            state.shelf().merge(order.item(), -order.quantity(), Integer::sum);
        }
    }

    private static void release(String order, State state) {
        Reservation ended = state.reservations().remove(order);
        if (ended != null) {
            Processes.demonitorFlush(ended.monitor());
            Processes.cancelTimer(ended.timer());
            state.shelf().merge(ended.order().item(), ended.order().quantity(), Integer::sum);
        }
    }

    private static int onShelf(String item, State state) {
        return state.shelf().getOrDefault(item, 0);
    }
}
