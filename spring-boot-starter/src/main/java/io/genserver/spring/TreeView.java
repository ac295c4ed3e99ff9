package io.genserver.spring;

import io.genserver.CallException;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.spring.GenServerEndpoint.TreeProcess;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.ChildCount;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Supervisor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One look at the tree, within a limit for all supervisors together.
final class TreeView {

    private static final Duration LIMIT = Duration.ofMillis(500);
    private static final String LIBRARY = "io.genserver.";

    private final long begin = System.nanoTime();

    private Duration left() {
        Duration left = LIMIT.minusNanos(System.nanoTime() - begin);
        return left.isNegative() ? Duration.ZERO : left;
    }

    TreeProcess supervisor(String id, Pid pid) {
        int mailbox = Processes.mailboxLength(pid).orElse(0);
        try {
            ChildCount counts = Supervisor.countChildren(pid, left());
            List<TreeProcess> children =
                    hasNamedChildren(pid)
                            ? Supervisor.whichChildren(pid, left()).reversed().stream()
                                    .map(this::child)
                                    .toList()
                            : null;
            return new TreeProcess(id, pid.toString(), false, mailbox, false, counts, children);
        } catch (CallException busy) {
            return new TreeProcess(id, pid.toString(), false, mailbox, true, null, null);
        }
    }

    /// Returns whether the children are listed in the program, so that their ids may be shown. The
    /// library's other supervisors have children that come and go.
    private static boolean hasNamedChildren(Pid supervisor) {
        return Processes.info(supervisor)
                .map(ProcessInfo::initialCall)
                .filter(code ->
                        code.equals(Supervisor.class.getName()) || !code.startsWith(LIBRARY))
                .isPresent();
    }

    private TreeProcess child(Child child) {
        String id = child.id() instanceof Class<?> type ? type.getName() : child.id().toString();
        Optional<Pid> pid = child.pid();
        if (pid.isPresent() && child.type() == ChildSpec.Type.SUPERVISOR) {
            return supervisor(id, pid.get());
        }
        int mailbox = pid.map(process -> Processes.mailboxLength(process).orElse(0)).orElse(0);
        String shown = pid.map(Pid::toString).orElse(null);
        return new TreeProcess(id, shown, child.restarting(), mailbox, false, null, null);
    }
}
