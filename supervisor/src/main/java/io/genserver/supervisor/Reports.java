package io.genserver.supervisor;

import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Processes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What supervisors log. Called in the supervisor's process.
final class Reports {

    private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

    private Reports() {}

    static void childEnded(ChildSpec child, Pid pid, ExitReason reason) {
        log.warn(
                "supervisor {}: child {} {} ({}) ended: {}",
                Processes.self(),
                text(child.id()),
                pid,
                child.restart(),
                reason);
    }

    static void startFailed(Object id, ExitReason reason) {
        log.error(
                "supervisor {}: child {} did not start: {}",
                Processes.self(),
                text(id),
                reason,
                reason.cause());
    }

    static void restarting(ChildSpec child, String attempt, String when) {
        log.warn(
                "supervisor {}: starting child {} again {}: {}",
                Processes.self(),
                text(child.id()),
                when,
                attempt);
    }

    static void limitReached(ChildSpec child, String limit) {
        log.error(
                "supervisor {}: giving up, for child {} would need more than {}; stopping all"
                        + " children and exiting with shutdown, for the next supervisor to act",
                Processes.self(),
                text(child.id()),
                limit);
    }

    static void unexpected(Object message) {
        log.error("supervisor {} received an unexpected message: {}", Processes.self(), message);
    }

    static void listenerFailed(SupervisorEvent event, Throwable thrown) {
        log.error("supervisor {}: a listener failed on {}", Processes.self(), event, thrown);
    }

    static void shutdownFailed(ChildSpec child, Pid pid, ExitReason reason) {
        log.warn(
                "supervisor {}: child {} {} did not shut down as told, it ended: {}",
                Processes.self(),
                text(child.id()),
                pid,
                reason);
    }

    private static Object text(Object id) {
        return id instanceof Class<?> type ? type.getName() : id;
    }
}
