package shop;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Stores the orders, so that they outlive their processes. Any process may use it. A real shop has
/// a database behind it: callbacks of servers may block.
interface OrderRepository {

    Optional<Order> find(String id);

    List<Order> all();

    void save(Order order);

    static OrderRepository inMemory() {
        return new InMemory(new ConcurrentHashMap<>());
    }

    record InMemory(Map<String, Order> orders) implements OrderRepository {
        @Override
        public Optional<Order> find(String id) {
            return Optional.ofNullable(orders.get(id));
        }

        @Override
        public List<Order> all() {
            return List.copyOf(orders.values());
        }

        @Override
        public void save(Order order) {
            orders.put(order.id(), order);
        }
    }
}
