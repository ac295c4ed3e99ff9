package io.genserver.runtime;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Which process has which local name.
///
/// A process is marked dead before its name is removed, and a name counts as free as soon as its
/// process is dead; so of a dead process nobody sees the name taken, and nobody who has learned of
/// the death finds it in use.
final class NameTable {

    final ConcurrentHashMap<String, LocalProcess> names = new ConcurrentHashMap<>();

    /// The live process of that name, or null.
    @Nullable LocalProcess whereis(String name) {
        LocalProcess process = names.get(name);
        return process == null || process.isDead() ? null : process;
    }

    /// Gives a name to a process, if it is free.
    ///
    /// @return the process that has the name already, or null
    @Nullable LocalProcess claim(String name, LocalProcess process) {
        LocalProcess holder =
                names.compute(name, (_, old) -> old == null || old.isDead() ? process : old);
        if (holder == process && process.isDead()) {
            free(
                    name,
                    process); // it died after it was put in, perhaps too late to remove it itself
        }
        return holder == process ? null : holder;
    }

    void free(String name, LocalProcess process) {
        names.remove(name, process);
    }

    List<String> names() {
        return names.entrySet().stream()
                .filter(entry -> !entry.getValue().isDead())
                .map(java.util.Map.Entry::getKey)
                .toList();
    }
}
