package kv;

import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.Supervisor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Draws the supervision tree. Below a worker it draws the processes that the worker is linked to,
/// except its supervisor. In the plain tree these are the buckets below the registry.
final class Tree {

    private final Map<Pid, String> names;
    private final StringBuilder text = new StringBuilder();

    private Tree(Map<Pid, String> names) {
        this.names = names;
    }

    /// Draws the current tree.
    ///
    /// @param names the names to show for processes that have no registered name
    static String draw(Map<Pid, String> names) {
        Tree tree = new Tree(names);
        Processes.whereis(Kv.SUPERVISOR).ifPresent(tree::root);
        return tree.text.isEmpty() ? "no tree: the supervisor is down" : tree.text.toString();
    }

    private void root(Pid supervisor) {
        line("", supervisor);
        children("", supervisor);
    }

    private void children(String indent, Pid supervisor) {
        List<Child> children = oldestFirst(supervisor);
        for (int i = 0; i < children.size(); i++) {
            Child child = children.get(i);
            boolean last = i == children.size() - 1;
            String branch = indent + (last ? "└─ " : "├─ ");
            String below = indent + (last ? "   " : "│  ");
            Optional<Pid> pid = child.pid();
            if (pid.isEmpty()) {
                text.append('\n').append(branch).append(child.id());
                text.append(child.restarting() ? " restarting" : " not running");
            } else {
                text.append('\n');
                line(branch, pid.get());
                if (child.type() == ChildSpec.Type.SUPERVISOR) {
                    children(below, pid.get());
                } else {
                    linked(below, pid.get(), supervisor);
                }
            }
        }
    }

    private static List<Child> oldestFirst(Pid supervisor) {
        List<Child> children = Supervisor.whichChildren(supervisor);
        String dynamic = DynamicSupervisor.class.getName();
        boolean isDynamic =
                Processes.info(supervisor)
                        .filter(info -> info.initialCall().equals(dynamic))
                        .isPresent();
        return isDynamic ? children : children.reversed();
    }

    private void linked(String indent, Pid worker, Pid supervisor) {
        List<Pid> linked =
                new ArrayList<>(Processes.info(worker).map(ProcessInfo::links).orElse(List.of()));
        linked.remove(supervisor);
        for (int i = 0; i < linked.size(); i++) {
            text.append('\n');
            line(indent + (i == linked.size() - 1 ? "└─ " : "├─ "), linked.get(i));
        }
    }

    private void line(String branch, Pid pid) {
        text.append(branch);
        Processes.info(pid)
                .ifPresentOrElse(
                        info ->
                                text.append(name(info))
                                        .append(pid)
                                        .append(' ')
                                        .append(info.initialCall())
                                        .append(", mailbox ")
                                        .append(info.messageQueueLength()),
                        () -> text.append(pid).append(" has just ended"));
    }

    private String name(ProcessInfo info) {
        return info.registeredName()
                .or(() -> Optional.ofNullable(names.get(info.pid())))
                .map(name -> new Name(name) + " ")
                .orElse("");
    }
}
