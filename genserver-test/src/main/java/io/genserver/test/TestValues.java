package io.genserver.test;

import io.genserver.Node;
import io.genserver.NodeLocal;
import io.genserver.Pid;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The values that a test or a class has put in place of globals, and the processes that see them.
final class TestValues {

    private record Value<T>(NodeLocal<T> variable, T value) {
        void setFor(Pid process) {
            variable.set(process, value);
        }
    }

    private final @Nullable Node node;
    private final List<Value<?>> values = new ArrayList<>();
    private final Set<Pid> processes = new LinkedHashSet<>();

    /// @param node whose processes all see the values; null for none
    TestValues(@Nullable Node node) {
        this.node = node;
    }

    <T> void put(NodeLocal<T> variable, T value) {
        if (node != null) {
            variable.set(node, value);
        }
        Value<T> kept = new Value<>(variable, value);
        values.add(kept);
        processes.forEach(kept::setFor);
    }

    /// Lets a process see the values, and those of which it is a caller or an ancestor.
    void allow(Pid process) {
        processes.add(process);
        values.forEach(value -> value.setFor(process));
    }

    void removeAll() {
        for (Value<?> value : values) {
            if (node != null) {
                value.variable().remove(node);
            }
            processes.forEach(value.variable()::remove);
        }
    }
}
