package io.genserver.runtime;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whom one process is linked with, what it monitors and who monitors it. Guarded by the process.
///
/// Most processes have one link, to their supervisor, so a single one is kept without a set.
final class Relations {

    private @Nullable Signals onlyLink;
    private @Nullable Set<Signals> links;
    private @Nullable Set<Monitor> monitoring;
    private @Nullable Set<Monitor> monitoredBy;

    void addLink(Signals other) {
        if (links != null) {
            links.add(other);
        } else if (onlyLink == null || onlyLink == other) {
            onlyLink = other;
        } else {
            links = new LinkedHashSet<>();
            links.add(onlyLink);
            links.add(other);
            onlyLink = null;
        }
    }

    boolean removeLink(Signals other) {
        if (links != null) {
            return links.remove(other);
        }
        boolean linked = onlyLink == other;
        if (linked) {
            onlyLink = null;
        }
        return linked;
    }

    List<Signals> links() {
        if (links != null) {
            return new ArrayList<>(links);
        }
        return onlyLink == null ? List.of() : List.of(onlyLink);
    }

    void addMonitoring(Monitor monitor) {
        if (monitoring == null) {
            monitoring = new LinkedHashSet<>();
        }
        monitoring.add(monitor);
    }

    boolean removeMonitoring(Monitor monitor) {
        return monitoring != null && monitoring.remove(monitor);
    }

    List<Monitor> monitoring() {
        return monitoring == null ? List.of() : new ArrayList<>(monitoring);
    }

    void addMonitoredBy(Monitor monitor) {
        if (monitoredBy == null) {
            monitoredBy = new LinkedHashSet<>();
        }
        monitoredBy.add(monitor);
    }

    void removeMonitoredBy(Monitor monitor) {
        if (monitoredBy != null) {
            monitoredBy.remove(monitor);
        }
    }

    /// Takes all of them.
    List<Monitor> takeMonitoredBy() {
        List<Monitor> all = monitoredBy();
        monitoredBy = null;
        return all;
    }

    List<Monitor> monitoredBy() {
        return monitoredBy == null ? List.of() : new ArrayList<>(monitoredBy);
    }
}
