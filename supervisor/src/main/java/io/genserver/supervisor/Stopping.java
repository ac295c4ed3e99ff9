package io.genserver.supervisor;

import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import java.time.Duration;
import java.util.Optional;

/// Stops one child. Runs in the supervisor.
///
/// The child is monitored, for it may have unlinked itself; and it is unlinked, so that its exit is
/// not taken for one that calls for a restart.
final class Stopping {

    private Stopping() {}

    static void stop(ChildSpec spec, Pid pid) {
        Ref monitor = Processes.monitor(pid);
        Processes.unlink(pid);
        Optional<ExitReason> already =
                Processes.receive(
                                Match.type(Exit.class, exit -> exit.from().equals(pid)),
                                Duration.ZERO)
                        .map(Exit::reason);
        ExitReason reason =
                switch (spec.shutdown()) {
                    case Shutdown.Brutal _ -> kill(pid, monitor);
                    case Shutdown.Unlimited _ -> {
                        Processes.exit(pid, ExitReason.SHUTDOWN);
                        yield down(monitor);
                    }
                    case Shutdown.Within(Duration limit) -> {
                        Processes.exit(pid, ExitReason.SHUTDOWN);
                        yield down(monitor, limit).orElseGet(() -> kill(pid, monitor));
                    }
                };
        ExitReason real = already.orElse(reason);
        if (!isExpected(spec, real)) {
            Reports.shutdownFailed(spec, pid, real);
        }
    }

    private static ExitReason kill(Pid pid, Ref monitor) {
        Processes.exit(pid, ExitReason.KILL);
        return down(monitor);
    }

    private static ExitReason down(Ref monitor) {
        return Processes.receive(isDownOf(monitor)).reason();
    }

    private static Optional<ExitReason> down(Ref monitor, Duration limit) {
        return Processes.receive(isDownOf(monitor), limit).map(Down::reason);
    }

    private static Match<Down> isDownOf(Ref monitor) {
        return Match.type(Down.class, down -> down.ref().equals(monitor));
    }

    private static boolean isExpected(ChildSpec spec, ExitReason reason) {
        ExitReason wanted =
                spec.shutdown() instanceof Shutdown.Brutal
                        ? ExitReason.KILLED
                        : ExitReason.SHUTDOWN;
        return reason.equals(wanted) || (reason.isOrderly() && spec.restart() != Restart.PERMANENT);
    }
}
