package shop;

import io.genserver.supervisor.*;

/// Tells processes about changes of orders: publish and subscribe. The topics are the classes of
/// [Status]. The entry of a subscriber that ends is removed, so nobody has to unsubscribe.
final class Events {

    static final ProcessRegistry<Class<? extends Status>, Void> TOPICS =
            ProcessRegistry.duplicate("Shop.Events");

    /// The message that a subscriber gets.
    record OrderChanged(Order order) {}

    private Events() {}

    /// Subscribes the calling process.
    @SafeVarargs
    static void subscribe(Class<? extends Status>... topics) {
        for (Class<? extends Status> topic : topics) {
            TOPICS.register(topic);
        }
    }

    static void publish(Order order) {
        TOPICS.broadcast(order.status().getClass(), new OrderChanged(order));
    }
}
