package io.genserver.runtime;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The local names of a node.
///
/// A process is marked dead before its name is removed, and a name counts as free as soon as its
/// process is dead. So a thread that has learned of a death never finds the name still taken by the
/// dead process. (Race test: `RegisterVsDeath`)
final class NameTable {

    final ConcurrentHashMap<String, LocalProcess> names = new ConcurrentHashMap<>();

    /// Returns the live process of a name, or null.
    @Nullable LocalProcess whereis(String name) {
        LocalProcess process = names.get(name);
        return process == null || process.isDead() ? null : process;
    }

    /// Gives a name to a process if the name is free.
    ///
    /// @return the process that has the name already, or null
    @Nullable LocalProcess claim(String name, LocalProcess process) {
        LocalProcess holder =
                names.compute(name, (_, old) -> old == null || old.isDead() ? process : old);
        if (holder == process && process.isDead()) {
            free(name, process); // it may have removed its names before this one was inserted
        }
        return holder == process ? null : holder;
    }

    void free(String name, LocalProcess process) {
        names.remove(name, process);
    }

    List<String> names() {
        return names.entrySet().stream()
                .filter(entry -> !entry.getValue().isDead())
                .map(Map.Entry::getKey)
                .toList();
    }
}
