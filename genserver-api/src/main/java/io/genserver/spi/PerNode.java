package io.genserver.spi;

import io.genserver.Node;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A variable of which each node has its own. For code that keeps something outside of any process
/// and must not mix up the processes of two nodes.
///
/// The value of a closed node is dropped when a value is set on another node. Any thread may use
/// it.
///
/// @param <T> the type of the value
public final class PerNode<T> {

    /// The node that used it last and its value, because most programs have one node. Written by
    /// any thread, as one object, after `values`.
    private volatile @Nullable Entry<T> last;

    private final Map<Node, T> values = new HashMap<>(2); // guarded

    private record Entry<T>(Node node, T value) {}

    /// Creates a variable without a value on any node.
    public PerNode() {}

    /// Returns the value on the current node.
    ///
    /// @return the value, or null if none was set
    public @Nullable T get() {
        Node node = Node.current();
        Entry<T> known = last;
        return known != null && known.node() == node ? known.value() : find(node);
    }

    private synchronized @Nullable T find(Node node) {
        T value = values.get(node);
        if (value != null) {
            last = new Entry<>(node, value);
        }
        return value;
    }

    /// Sets the value on the current node.
    ///
    /// @param value the value
    public synchronized void set(T value) {
        Node node = Node.current();
        values.keySet().removeIf(other -> other != node && !other.isOpen());
        values.put(node, value);
        last = new Entry<>(node, value);
    }
}
