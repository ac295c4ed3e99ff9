package io.genserver.test;

import io.genserver.CallException;
import io.genserver.Down;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.ProcessRef;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.Supervisor;
import java.time.Duration;
import java.util.Optional;

/// Makes children of a supervisor fail, and waits until the supervisor has reacted.
final class Faults {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private Faults() {}

    /// Returns the process of a child.
    ///
    /// @throws IllegalArgumentException if the supervisor has no such child, or it does not run
    static Pid child(ProcessRef supervisor, Object id) {
        return running(supervisor, id)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "expected the id of a running child, got: " + id));
    }

    private static Optional<Pid> running(ProcessRef supervisor, Object id) {
        return Supervisor.whichChildren(supervisor).stream()
                .filter(child -> child.id().equals(id))
                .findFirst()
                .flatMap(Child::pid);
    }

    /// Kills a child and waits until its supervisor has reacted.
    ///
    /// @return the process of the child then; empty if it does not run
    static Optional<Pid> kill(ProcessRef supervisor, Object id) {
        Pid pid = pid(supervisor);
        Pid child = child(pid, id);
        Ref monitor = Processes.monitor(child);
        Processes.exit(child, ExitReason.KILL);
        Match<Down> down = Match.type(Down.class, end -> end.ref().equals(monitor));
        if (Processes.receive(down, LIMIT).isEmpty()) {
            throw new AssertionError(
                    "expected the killed child "
                            + id
                            + " to end within "
                            + LIMIT
                            + ", got: it lives");
        }
        return runningAfterwards(pid, id);
    }

    /// Returns the supervisor of this moment, because another one may have its name later.
    ///
    /// @throws ExitException with `noproc` if no process has the name
    private static Pid pid(ProcessRef supervisor) {
        return GenServer.whereis(supervisor)
                .orElseThrow(() -> new ExitException(ExitReason.NOPROC));
    }

    /// Returns the process of a child that has just ended; empty if it does not run, or if the
    /// supervisor has ended because of it. The supervisor handles the end before this request.
    private static Optional<Pid> runningAfterwards(Pid supervisor, Object id) {
        try {
            return running(supervisor, id);
        } catch (CallException ended) {
            if (Processes.isAlive(supervisor)) {
                throw ended;
            }
            return Optional.empty();
        }
    }

    /// Ends a server as if its code had thrown something, and waits until its supervisor has
    /// reacted.
    ///
    /// @return the process of the child then; empty if it does not run
    static Optional<Pid> crash(ProcessRef supervisor, Object id, Pid child, Throwable thrown) {
        Pid pid = pid(supervisor);
        GenServer.stop(child, ExitReason.of(thrown), LIMIT);
        return runningAfterwards(pid, id);
    }
}
