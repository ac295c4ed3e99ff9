package io.genserver.spi;

import io.genserver.Node;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A variable that has a separate value on each node. It is for code that keeps something outside
/// of any process and must not mix up the processes of two nodes.
///
/// [#set] drops the values of other nodes that are closed or are being closed. Any thread may use a
/// variable.
///
/// @param <T> the type of the value
public final class PerNode<T> {

    /// The node that used the variable last, and its value. Most programs have one node. Written by
    /// any thread, as one object, guarded, after `values`; read by any thread.
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

    /// Returns the value on the current node, and sets it first if there is none.
    ///
    /// @param made creates the value; it may be called although its result is not used
    /// @return the value
    public T getOrSet(Supplier<? extends T> made) {
        T known = get();
        return known == null ? setIfAbsent(Node.current(), made.get()) : known;
    }

    private synchronized T setIfAbsent(Node node, T value) {
        T known = values.putIfAbsent(node, value);
        return known == null ? value : known;
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
