package io.genserver.supervisor;

import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.spi.Machine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

/// The log records of supervisors and of the other servers of a tree. Called in their processes.
final class Reports {

    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

    private Reports() {}

    private static Logger log() {
        return Machine.isQuiet() ? NOPLogger.NOP_LOGGER : LOG;
    }

    static void childEnded(ChildSpec<?> child, Pid pid, ExitReason reason) {
        log().warn(
                        "supervisor {}: child {} {} ({}) ended: {}",
                        Processes.self(),
                        child.name(),
                        pid,
                        child.restart(),
                        reason);
    }

    static void startFailed(Object id, ExitReason reason) {
        log().error(
                        "supervisor {}: child {} did not start: {}",
                        Processes.self(),
                        ChildSpec.text(id),
                        reason,
                        reason.cause());
    }

    /// Reports a failed start that `startChild` or `restartChild` asked for. That the child's name
    /// is taken is no error, because callers start a child without looking first whether it runs.
    static void requestedStartFailed(Object id, ExitReason reason) {
        if (reason instanceof ExitReason.AlreadyStarted) {
            log().debug(
                            "supervisor {}: child {} did not start: {}",
                            Processes.self(),
                            ChildSpec.text(id),
                            reason);
        } else {
            startFailed(id, reason);
        }
    }

    static void restarting(ChildSpec<?> child, String attempt, String when) {
        log().warn(
                        "supervisor {}: starting child {} again {}: {}",
                        Processes.self(),
                        child.name(),
                        when,
                        attempt);
    }

    static void limitReached(ChildSpec<?> child, String limit) {
        log().error(
                        "supervisor {}: giving up: child {} would need more than {}; stopping all"
                                + " children and exiting with shutdown",
                        Processes.self(),
                        child.name(),
                        limit);
    }

    static void unexpected(GenServer<?, ?, ?, ?> server, String kind, Object message) {
        log().error(
                        "{} {} received an unexpected {}: {}",
                        server.callbackModule().getName(),
                        Processes.self(),
                        kind,
                        message);
    }

    static void unexpectedCall(GenServer<?, ?, ?, ?> server, From from, Object request) {
        log().error(
                        "{} {} received an unexpected call from {}, which gets no answer: {}",
                        server.callbackModule().getName(),
                        Processes.self(),
                        from.pid().map(Pid::toString).orElse("a thread that is not a process"),
                        request);
    }

    static void keyedServerEnded(String name, Object key, Pid pid, ExitReason reason) {
        log().warn("{}: the server {} of key {} ended: {}", name, pid, ChildSpec.text(key), reason);
    }

    static void listenerFailed(SupervisorEvent event, Throwable thrown) {
        log().error("supervisor {}: a listener failed on {}", Processes.self(), event, thrown);
    }

    static void shutdownFailed(ChildSpec<?> child, Pid pid, ExitReason reason) {
        log().warn(
                        "supervisor {}: child {} {} did not shut down as told, it ended: {}",
                        Processes.self(),
                        child.name(),
                        pid,
                        reason);
    }
}
