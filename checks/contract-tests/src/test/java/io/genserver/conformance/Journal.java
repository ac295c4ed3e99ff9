package io.genserver.conformance;

import io.genserver.Pid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The events that the probes of one scenario report, in order, and the ids of the processes. All
/// probes share it.
final class Journal {

    /// One event of one probe.
    record Event(String id, String what) {}

    private final List<Event> events = new ArrayList<>();
    private final Map<String, Pid> pids = new HashMap<>();
    private final Map<Pid, String> ids = new HashMap<>();
    private final Map<Object, Integer> generations = new HashMap<>();

    synchronized void write(String id, String what) {
        events.add(new Event(id, what));
    }

    synchronized List<Event> takeEvents() {
        List<Event> taken = List.copyOf(events);
        events.clear();
        return taken;
    }

    synchronized void bind(String id, Pid pid) {
        pids.put(id, pid);
        ids.put(pid, id);
    }

    synchronized @Nullable Pid pid(String id) {
        return pids.get(id);
    }

    synchronized String id(Pid pid) {
        return Optional.ofNullable(ids.get(pid)).orElse("?");
    }

    synchronized List<Pid> all() {
        return List.copyOf(ids.keySet());
    }

    synchronized List<String> boundIds() {
        return pids.keySet().stream().sorted().toList();
    }

    /// Returns the number of this start of a child, from 0.
    synchronized int generation(Object slot) {
        return generations.merge(slot, 1, Integer::sum) - 1;
    }
}
