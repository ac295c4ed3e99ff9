package io.genserver.runtime;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whom one process is linked with, what it monitors and who monitors it. Guarded by the process.
final class Relations {

    private final Some<Signals> links = new Some<>();
    private final Some<Monitor> monitoring = new Some<>();
    private final Some<Monitor> monitoredBy = new Some<>();

    /// None, one or several, in the order in which they were added. One alone is kept without a
    /// set, for often there is no more.
    private static final class Some<T> {

        private @Nullable T only;
        private @Nullable Set<T> several; // once there were two

        void add(T element) {
            if (several != null) {
                several.add(element);
            } else if (only == null || only == element) {
                only = element;
            } else {
                several = new LinkedHashSet<>();
                several.add(only);
                several.add(element);
                only = null;
            }
        }

        boolean remove(T element) {
            if (several != null) {
                return several.remove(element);
            }
            boolean found = only == element;
            if (found) {
                only = null;
            }
            return found;
        }

        List<T> list() {
            if (several != null) {
                return new ArrayList<>(several);
            }
            return only == null ? List.of() : List.of(only);
        }

        void clear() {
            only = null;
            several = null;
        }
    }

    void addLink(Signals other) {
        links.add(other);
    }

    boolean removeLink(Signals other) {
        return links.remove(other);
    }

    List<Signals> links() {
        return links.list();
    }

    void addMonitoring(Monitor monitor) {
        monitoring.add(monitor);
    }

    boolean removeMonitoring(Monitor monitor) {
        return monitoring.remove(monitor);
    }

    List<Monitor> monitoring() {
        return monitoring.list();
    }

    void addMonitoredBy(Monitor monitor) {
        monitoredBy.add(monitor);
    }

    void removeMonitoredBy(Monitor monitor) {
        monitoredBy.remove(monitor);
    }

    /// Takes all of them.
    List<Monitor> takeMonitoredBy() {
        List<Monitor> all = monitoredBy.list();
        monitoredBy.clear();
        return all;
    }

    List<Monitor> monitoredBy() {
        return monitoredBy.list();
    }
}
