package io.genserver.simulation;

import io.genserver.Pid;
import io.genserver.spi.ArmedTimer;
import io.genserver.spi.Machine.Event;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Tells people what the threads of a [Baton] wait for. Only the thread that has the baton uses it.
final class Waits {

    /// What each living process runs.
    private final Map<Pid, String> kinds = new HashMap<>();

    void started(Pid process, String kind) {
        kinds.put(process, kind);
    }

    void ended(Pid process) {
        kinds.remove(process);
    }

    /// Tells who waits for whom.
    String deadlock(List<Task> parked) {
        return parked.stream()
                .filter(task -> !task.isRuntimes)
                .map(this::wait)
                .collect(Collectors.joining("; "));
    }

    private String wait(Task task) {
        String who = task.process == null ? task.name : nameOf(task.process);
        if (task.event == Event.CALL && task.target != null) {
            return who + " waits for a reply of " + nameOf(task.target);
        }
        return task.event == Event.RECEIVE ? who + " waits for a message" : who + " waits";
    }

    private String nameOf(Pid pid) {
        return pid + " (" + kinds.getOrDefault(pid, "?") + ")";
    }

    /// Returns when the waits of processes end that have a limit.
    static List<ArmedTimer> sleeping(List<Task> parked) {
        return parked.stream()
                .filter(task -> task.process != null && task.wakeAt != Task.NEVER)
                .map(task -> new ArmedTimer(task.wakeAt, "sleep of " + task))
                .toList();
    }
}
